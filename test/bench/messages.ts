// Prediction events as benches feed them: 20 numeric features, three of four lognormal and one whole numbers, of five digits.
import { seededRandom } from '../laws/summary-samples.ts';

export const features = 20;

/** The feature's values, repeatable. */
export function valueSource(seed: number): (feature: number) => number {
  const next = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return (feature) =>
    Number((feature % 4 === 3 ? Math.round(normal() * 20) : Math.exp(normal())).toPrecision(5)) + 0;
}

/** The event number `i` as JSON text of 537 bytes or so. */
export function message(i: number, values: ArrayLike<number>): string {
  const named = Array.from(values, (value, f): [string, number] => [
    `feature_${String(f).padStart(2, '0')}`,
    value,
  ]);
  return JSON.stringify({
    prediction_id: `p-${String(i).padStart(8, '0')}`,
    model: 'bench',
    model_version: '1',
    timestamp: new Date(1_700_000_000_000 + i * 10).toISOString(),
    features: Object.fromEntries(named),
    prediction: 0,
    score: ((i * 7919) % 1_000_000) / 1e6,
  });
}
