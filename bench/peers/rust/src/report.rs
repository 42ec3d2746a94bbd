//! Samples of one workload, printed as one JSON line for each metric.

struct Metric {
    name: String,
    unit: &'static str,
    samples: Vec<f64>,
}

pub struct Report {
    peer: &'static str,
    workload: &'static str,
    n_items: usize,
    metrics: Vec<Metric>,
}

impl Report {
    pub fn new(peer: &'static str, workload: &'static str) -> Self {
        Report { peer, workload, n_items: 0, metrics: Vec::new() }
    }

    /// Says how many items each timed call handles, for a peer that runs fewer than the definition.
    pub fn items(&mut self, n: usize) {
        self.n_items = n;
    }

    pub fn add(&mut self, name: &str, unit: &'static str, value: f64) {
        match self.metrics.iter_mut().find(|m| m.name == name) {
            Some(metric) => metric.samples.push(value),
            None => {
                self.metrics.push(Metric { name: name.to_string(), unit, samples: vec![value] })
            }
        }
    }

    pub fn bytes(&mut self, name: &str, count: usize) {
        self.add(name, "B", count as f64);
    }

    pub fn check(&mut self, held: bool) {
        self.add("ok", "", f64::from(u8::from(held)));
    }

    pub fn time<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> T {
        let (ms, result) = timed(work);
        self.add(name, "ms", ms);
        result
    }

    /// `ok` holds only when every check of the run held, so its smallest sample is the verdict.
    pub fn print(&mut self) {
        if self.metrics.is_empty() {
            return;
        }
        self.add("peak_rss", "MB", peak_rss_bytes() as f64 / 1048576.0);
        for metric in &mut self.metrics {
            metric.samples.sort_by(f64::total_cmp);
            let (min, max) = (metric.samples[0], metric.samples[metric.samples.len() - 1]);
            let middle = metric.samples[(metric.samples.len() - 1) / 2];
            let med = if metric.name == "ok" { min } else { middle };
            let items = match self.n_items {
                0 => String::new(),
                n => format!(",\"n_items\":{n}"),
            };
            println!(
                "{{\"peer\":\"{}\",\"w\":\"{}\",\"metric\":\"{}\",\"unit\":\"{}\",\
                 \"med\":{med:.4},\"min\":{min:.4},\"max\":{max:.4},\"n\":{}{items}}}",
                self.peer,
                self.workload,
                metric.name,
                metric.unit,
                metric.samples.len(),
            );
        }
    }
}

/// Prints why a peer has no row for a workload.
pub fn skip(peer: &str, workload: &str, reason: &str) {
    println!("{{\"peer\":\"{peer}\",\"w\":\"{workload}\",\"skipped\":\"{reason}\"}}");
}

/// Milliseconds that this thread has run, as our own benchmarks count: other programs on the
/// machine do not make it longer by taking the processor.
fn cpu_ms() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes what it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 * 1e-6
}

pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = cpu_ms();
    let result = std::hint::black_box(work());
    (cpu_ms() - start, result)
}

/// The high-water mark of the process, from the kernel; 0 where there is no /proc.
pub fn peak_rss_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<usize>().ok()).unwrap_or(0) * 1024
}
