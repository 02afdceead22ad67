// Prints digests in our bytes as JSON, for datasketches_tdigest.py to show to the library that must be able to open them.
import { encodeDigest } from '../../src/codec/digest.ts';
import {
  type Digest,
  digestQuantile,
  emptyDigest,
  mergedDigest,
  withSorted,
} from '../../src/sketch/digest.ts';
import { type SampleName, sampleOf } from '../laws/summary-samples.ts';

function digestOf(values: Float64Array): Digest {
  let digest = emptyDigest;
  for (let from = 0; from < values.length; from += 1000) {
    const part = values.slice(from, from + 1000).map((x) => x + 0);
    digest = withSorted(digest, part.sort(), part.length);
  }
  return digest;
}

/** A name for the digest, its bytes in base64, how many values it holds, and where its ranks are to be read. */
function written(name: string, digest: Digest, buffered: Float64Array = new Float64Array(0)) {
  const quantiles = Array.from({ length: 21 }, (_, i) => digestQuantile(digest, i / 20));
  const probes = [...quantiles.filter(Number.isFinite), ...buffered.slice(0, 20)];
  return {
    name,
    bytes: Buffer.from(encodeDigest(digest, buffered)).toString('base64'),
    n: digest.total + buffered.length,
    probes: [...new Set(probes)].sort((a, b) => a - b),
  };
}

const large: SampleName[] = ['normal', 'Pareto of shape 1.1', 'zeros and ones', 'integers'];
const spike = sampleOf('70 % zeros, lognormal otherwise', 30_000);
const normal = sampleOf('normal', 30_000, 2);
const many = Float64Array.from({ length: 60_000 }, (_, i) => (i * i) % 233);

const digests = [
  written('nothing', emptyDigest),
  written('a single value', emptyDigest, Float64Array.of(4.25)),
  written('two values, waiting', emptyDigest, Float64Array.of(3, 1)),
  written('a thousand values, waiting', emptyDigest, sampleOf('lognormal', 1000)),
  ...large.map((name) => written(name, digestOf(sampleOf(name, 30_000)))),
  written('zeros and a lognormal', digestOf(spike)),
  written('a normal, and 500 values waiting', digestOf(normal), sampleOf('lognormal', 500, 2)),
  written('more atoms than k = 200 has room for', digestOf(many)),
  written('merged', mergedDigest(digestOf(spike), digestOf(sampleOf('normal', 20_000)))),
];

process.stdout.write(`${JSON.stringify(digests)}\n`);
