// The inputs of all workloads: the same bits in every language of this folder.

const mask = (1n << 64n) - 1n;

export class SplitMix64 {
  #state;

  constructor(seed) {
    this.#state = BigInt(seed);
  }

  next() {
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & mask;
    let z = this.#state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return z ^ (z >> 31n);
  }

  hex() {
    return this.next().toString(16).padStart(16, '0');
  }

  below(n) {
    return Number(this.next() & 0xffffffffn) % n;
  }
}

export function keyValues(n) {
  const random = new SplitMix64(42);
  return Array.from({ length: n }, () => [random.hex(), random.hex()]);
}
