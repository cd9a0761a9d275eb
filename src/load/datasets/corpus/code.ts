// cspell:ignore defaultdict dataclass dataclasses timedelta ssize getline ferror fopen strerror strtoul fclose
/** Source text in several languages, written for this project. */
export const code = String.raw`
"""Seat reservations for a small theatre."""
from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Seat:
    row: str
    number: int

    def next_to(self, other: "Seat") -> bool:
        return self.row == other.row and abs(self.number - other.number) == 1


@dataclass
class Performance:
    title: str
    starts: datetime
    taken: dict[Seat, str] = field(default_factory=dict)

    def reserve(self, seats: list[Seat], name: str) -> None:
        busy = [seat for seat in seats if seat in self.taken]
        if busy:
            raise ValueError(f"already taken: {', '.join(map(str, busy))}")
        for seat in seats:
            self.taken[seat] = name

    def release_unpaid(self, now: datetime, paid: set[str]) -> int:
        if self.starts - now > timedelta(hours=2):
            return 0
        unpaid = [seat for seat, name in self.taken.items() if name not in paid]
        for seat in unpaid:
            del self.taken[seat]
        return len(unpaid)


def revenue_by_row(path: str) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    with open(path, newline="", encoding="utf-8") as file:
        for record in csv.DictReader(file):
            totals[record["row"]] += float(record["price"])
    return dict(sorted(totals.items()))

// A ring buffer of samples with a running median.
export class RunningMedian {
  private readonly sorted: number[] = [];
  private readonly order: number[] = [];

  constructor(private readonly size: number) {
    if (size < 1) throw new RangeError('size must be 1 or more, not ' + size);
  }

  push(value: number): void {
    this.order.push(value);
    this.sorted.splice(this.indexOf(value), 0, value);
    if (this.order.length <= this.size) return;
    const oldest = this.order.shift();
    if (oldest !== undefined) this.sorted.splice(this.indexOf(oldest), 1);
  }

  get median(): number | undefined {
    const middle = this.sorted.length >> 1;
    if (this.sorted.length % 2 === 1) return this.sorted[middle];
    const [low, high] = [this.sorted[middle - 1], this.sorted[middle]];
    return low === undefined || high === undefined ? undefined : (low + high) / 2;
  }

  private indexOf(value: number): number {
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/* Counts the lines of a file that are longer than a limit. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count_long_lines(FILE *file, size_t limit, size_t *found)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;

    *found = 0;
    while ((length = getline(&line, &capacity, file)) != -1) {
        if (length > 0 && line[length - 1] == '\n')
            length--;
        if ((size_t)length > limit)
            (*found)++;
    }
    free(line);
    return ferror(file) ? -1 : 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s FILE LIMIT\n", argv[0]);
        return 2;
    }
    FILE *file = fopen(argv[1], "r");
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    size_t found;
    int failed = count_long_lines(file, strtoul(argv[2], NULL, 10), &found);
    fclose(file);
    if (failed)
        return 1;
    printf("%zu\n", found);
    return 0;
}

-- Lenders whose books are overdue, with the longest delay first.
with late as (
  select loan.reader_id, book.title, current_date - loan.due as days
  from loan
  join book on book.id = loan.book_id
  where loan.returned is null and loan.due < current_date
)
select reader.name, count(*) as books, max(late.days) as longest_days
from late
join reader on reader.id = late.reader_id
group by reader.name
having count(*) > 1 or max(late.days) > 30
order by longest_days desc, reader.name;

package route

import (
	"container/heap"
	"errors"
)

// ErrNoRoute is returned if two places are not connected.
var ErrNoRoute = errors.New("no route")

type Edge struct {
	To   int
	Cost float64
}

type item struct {
	place int
	cost  float64
}

type queue []item

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].cost < q[j].cost }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(item)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// Shortest returns the cost of the cheapest path between two places.
func Shortest(graph map[int][]Edge, from, to int) (float64, error) {
	done := map[int]bool{}
	open := &queue{{place: from}}
	for open.Len() > 0 {
		next := heap.Pop(open).(item)
		if next.place == to {
			return next.cost, nil
		}
		if done[next.place] {
			continue
		}
		done[next.place] = true
		for _, edge := range graph[next.place] {
			heap.Push(open, item{place: edge.To, cost: next.cost + edge.Cost})
		}
	}
	return 0, ErrNoRoute
}
`.trim();
