// A minimal closed-loop streaming client on net/http: what a plain Go program reads, as a bound to compare with.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type sample struct {
	ttft, tpot float64
	gaps       []float64
	chunks     int
	ok         bool
}

func main() {
	url := flag.String("url", "", "base URL")
	streams := flag.Int("streams", 1, "")
	requests := flag.Int("requests", 1, "")
	tokens := flag.Int("tokens", 128, "")
	flag.Parse()

	body := []byte(fmt.Sprintf(`{"model":"mock","prompt":"hello","max_tokens":%d,"stream":true,"stream_options":{"include_usage":true}}`, *tokens))
	transport := &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: *streams, MaxConnsPerHost: *streams, DisableCompression: true}
	client := &http.Client{Transport: transport}
	open(client, *url, *streams)

	samples := make([]sample, *requests)
	var next atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for range *streams {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				index := int(next.Add(1)) - 1
				if index >= *requests {
					return
				}
				samples[index] = one(client, *url, body, *tokens)
			}
		}()
	}
	group.Wait()
	report(samples, time.Since(began).Seconds())
}

// Opens every connection before the clock starts: all requests must overlap for the pool to keep as many.
func open(client *http.Client, url string, streams int) {
	var ready, release sync.WaitGroup
	ready.Add(streams)
	release.Add(1)
	var group sync.WaitGroup
	for range streams {
		group.Add(1)
		go func() {
			defer group.Done()
			response, err := client.Get(url + "/health")
			ready.Done()
			release.Wait()
			if err == nil {
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
		}()
	}
	ready.Wait()
	release.Done()
	group.Wait()
}

func one(client *http.Client, url string, body []byte, tokens int) sample {
	result := sample{gaps: make([]float64, 0, tokens)}
	began := time.Now()
	response, err := client.Post(url+"/v1/completions", "application/json", bytes.NewReader(body))
	if err != nil {
		return result
	}
	defer response.Body.Close()
	reader := bufio.NewReaderSize(response.Body, 4096)
	var first, last time.Time
	for {
		line, err := reader.ReadSlice('\n')
		if bytes.HasPrefix(line, []byte("data: {")) && !bytes.Contains(line, []byte(`"text":""`)) && bytes.Contains(line, []byte(`"text":"`)) {
			now := time.Now()
			if result.chunks == 0 {
				first = now
			} else {
				result.gaps = append(result.gaps, now.Sub(last).Seconds()*1e3)
			}
			last = now
			result.chunks++
		}
		if err != nil {
			result.ok = err == io.EOF && result.chunks > 0
			break
		}
	}
	result.ttft = first.Sub(began).Seconds() * 1e3
	if result.chunks > 1 {
		result.tpot = last.Sub(first).Seconds() * 1e3 / float64(result.chunks-1)
	}
	return result
}

func report(samples []sample, seconds float64) {
	var ttfts, tpots, gaps []float64
	var chunks, completed int
	for _, s := range samples {
		if !s.ok {
			continue
		}
		completed++
		chunks += s.chunks
		ttfts = append(ttfts, s.ttft)
		tpots = append(tpots, s.tpot)
		gaps = append(gaps, s.gaps...)
	}
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	cpu := float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
	json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"completed": float64(completed), "chunks": float64(chunks), "durationS": seconds,
		"ttftP50Ms": quantile(ttfts, 0.5), "ttftP99Ms": quantile(ttfts, 0.99),
		"tpotP99Ms": quantile(tpots, 0.99), "gapP99Ms": quantile(gaps, 0.99),
		"cpuS": cpu, "maxRssMb": float64(usage.Maxrss) / 1024,
	})
}

func quantile(values []float64, fraction float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sort.Float64s(values)
	return values[int(fraction*float64(len(values)-1))]
}
