// NannyML's rule: NannyML/nannyml, nannyml/drift/univariate/methods.py and thresholds.py. The threshold is learnt: mean plus
// three standard deviations of the distances that the reference's own chunks have from the whole reference.
import { evenEdges, histogram, jensenShannonBits, spread } from './histogram.ts';
import { type Rule, type Sample, sampleOf } from './rule.ts';

const vendor = 'NannyML';
const source = 'NannyML/nannyml, nannyml/drift/univariate/methods.py, nannyml/thresholds.py';

/** NannyML warns below this many chunks, because a standard deviation of fewer says little. */
const fewestChunks = 6;

/** `numpy.histogram_bin_edges(reference, 'doane')`. */
function doaneEdges({ values, sorted }: Sample): Float64Array {
  const n = values.length;
  const { mean, deviation } = spread(values, 0);
  let cubes = 0;
  for (const value of values) cubes += ((value - mean) / deviation) ** 3;
  const ofSkewness = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  const bins = Math.ceil(1 + Math.log2(n) + Math.log2(1 + Math.abs(cubes / n) / ofSkewness));
  return evenEdges(sorted[0]!, sorted[n - 1]!, bins);
}

/** The distance in bits of two sets of shares; what lies outside the reference's bins is one further bin. */
function distance(reference: Float64Array, counts: Float64Array, rows: number): number {
  let leftover = 1;
  const q = counts.map((count) => count / rows);
  for (const share of q) leftover -= share;
  return jensenShannonBits(
    Float64Array.of(...reference, 0),
    Float64Array.of(...q, leftover > 1e-12 ? leftover : 0),
  );
}

function learntThreshold(ofChunks: Float64Array): number {
  const { mean, deviation } = spread(ofChunks, 0);
  return mean + 3 * deviation;
}

/** The default for numbers and chunks of the window's size: Jensen-Shannon distance above the learnt threshold. */
export const nannymlJensenShannon: Rule = {
  id: 'nannyml_jensen_shannon',
  vendor,
  label: 'Jensen–Shannon > mean + 3 sd of the reference chunks (default)',
  source,
  prepare: (baseline, windowRows) => {
    const chunks = Math.floor(baseline.values.length / windowRows);
    if (chunks < fewestChunks) return undefined;
    const edges = doaneEdges(baseline);
    const reference = histogram(baseline.sorted, edges).map((count) => count / baseline.values.length);
    const distanceOf = ({ sorted }: Sample) => distance(reference, histogram(sorted, edges), sorted.length);
    const threshold = learntThreshold(
      Float64Array.from({ length: chunks }, (_, i) =>
        distanceOf(sampleOf(baseline.values.slice(i * windowRows, (i + 1) * windowRows))),
      ),
    );
    return (window) => distanceOf(window) > threshold;
  },
};
