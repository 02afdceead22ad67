// The part of the npm package `tdigest` 0.1.3 that is measured; it comes without types.
declare module 'tdigest' {
  export class TDigest {
    push(value: number): void;
    size(): number;
    percentile(p: number): number;
    toArray(): { mean: number; n: number }[];
  }
}
