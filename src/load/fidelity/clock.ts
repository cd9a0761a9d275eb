/** The smallest observed step of this process's clock, in milliseconds. */
export function clockResolutionMs(): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < 200; sample++) {
    const from = performance.now();
    let to = performance.now();
    while (to === from) to = performance.now();
    smallest = Math.min(smallest, to - from);
  }
  return smallest;
}
