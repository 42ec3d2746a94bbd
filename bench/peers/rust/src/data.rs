//! The inputs of all workloads: the same bits in every language of this folder.

pub struct SplitMix64(u64);

impl SplitMix64 {
    pub fn new(seed: u64) -> Self {
        SplitMix64(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn hex(&mut self) -> String {
        format!("{:016x}", self.next())
    }

    pub fn u32(&mut self) -> u32 {
        self.next() as u32
    }

    pub fn below(&mut self, n: u32) -> u32 {
        self.u32() % n
    }
}

pub type Pairs = Vec<(String, String)>;

pub fn key_values(n: usize) -> Pairs {
    let mut random = SplitMix64::new(42);
    (0..n).map(|_| (random.hex(), random.hex())).collect()
}
