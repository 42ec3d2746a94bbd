// Samples of one workload, printed as one JSON line for each metric.

export class Report {
  #peer;
  #workload;
  #items = 0;
  #metrics = new Map();

  constructor(peer, workload) {
    this.#peer = peer;
    this.#workload = workload;
  }

  /** Says how many items a timed call handles, for a peer that runs fewer than the definition. */
  items(n) {
    this.#items = n;
  }

  add(name, unit, value) {
    const metric = this.#metrics.get(name) ?? { unit, samples: [] };
    metric.samples.push(value);
    this.#metrics.set(name, metric);
  }

  bytes(name, count) {
    this.add(name, 'B', count);
  }

  check(held) {
    this.add('ok', '', held ? 1 : 0);
  }

  time(name, work) {
    const [ms, result] = timed(work);
    this.add(name, 'ms', ms);
    return result;
  }

  /** `ok` holds only when every check of the run held, so its smallest sample is the verdict. */
  print() {
    if (this.#metrics.size === 0) {
      return;
    }
    this.add('peak_rss', 'MB', peakRssBytes() / 1048576);
    for (const [metric, { unit, samples }] of this.#metrics) {
      samples.sort((x, y) => x - y);
      const [min, max] = [samples[0], samples[samples.length - 1]];
      const med = metric === 'ok' ? min : samples[(samples.length - 1) >> 1];
      const row = { peer: this.#peer, w: this.#workload, metric, unit, med, min, max };
      row.n = samples.length;
      if (this.#items > 0) {
        row.n_items = this.#items;
      }
      console.log(JSON.stringify(row));
    }
  }
}

/** Prints why a peer has no row for a workload. */
export function skip(peer, workload, reason) {
  console.log(JSON.stringify({ peer, w: workload, skipped: reason }));
}

export function timed(work) {
  globalThis.gc?.();
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
}

export function peakRssBytes() {
  return process.resourceUsage().maxRSS * 1024;
}
