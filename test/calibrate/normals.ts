// Standard normal values by the thousand million: what the acceptance runs spend their time on, were they drawn by Box and Muller.

/** Where the tail begins and the area of each of 128 layers: Marsaglia and Tsang 2000, for 128 layers. */
const layers = 128;
const tailFrom = 3.442619855899;
const area = 9.91256303526217e-3;

const widths = new Float64Array(layers + 1);
const inner = new Float64Array(layers);

widths[0] = area / Math.exp(-0.5 * tailFrom * tailFrom);
widths[1] = tailFrom;
for (let i = 2; i < layers; i++) {
  const x = widths[i - 1]!;
  widths[i] = Math.sqrt(-2 * Math.log(area / x + Math.exp(-0.5 * x * x)));
}
for (let i = 0; i < layers; i++) inner[i] = widths[i + 1]! / widths[i]!;

/** 32 random bits at a time as a signed integer: sfc32 (Doty-Humphrey, PractRand), whose cycles are long where mulberry32's is 2³². */
function bits(seed: number): () => number {
  let a = 0;
  let b = seed | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}

const half = 2 ** -31;

/**
 * Standard normal values by the ziggurat of Marsaglia and Tsang (Journal of Statistical Software 5, 2000), with layer and place
 * from draws of their own (Doornik, An improved ziggurat method, 2005). The same for a seed on every machine but for the last
 * digit of a logarithm in the tail.
 */
export function normalsOf(seed: number): () => number {
  const next = bits(seed);
  /** On (0, 1]. */
  const uniform = () => ((next() >>> 0) + 1) * 2 ** -32;

  const tail = (isNegative: boolean): number => {
    for (;;) {
      const x = -Math.log(uniform()) / tailFrom;
      if (-2 * Math.log(uniform()) >= x * x) return isNegative ? -tailFrom - x : tailFrom + x;
    }
  };

  return () => {
    for (;;) {
      const place = next() * half;
      const layer = next() & (layers - 1);
      if (Math.abs(place) < inner[layer]!) return place * widths[layer]!;
      if (layer === 0) return tail(place < 0);
      const x = place * widths[layer]!;
      const lower = Math.exp(-0.5 * (widths[layer]! ** 2 - x * x));
      const upper = Math.exp(-0.5 * (widths[layer + 1]! ** 2 - x * x));
      if (upper + uniform() * (lower - upper) < 1) return x;
    }
  };
}
