// Documents of JSON and YAML: results, incidents, detectors, baselines, kinds of features, the configuration.
import fc from 'fast-check';
import { advance, currentState } from '../../src/alert/history.ts';
import { baselineText as readableBaseline } from '../../src/cli/baseline-text.ts';
import { alertSchema } from '../../src/codec/alert-schema.ts';
import { decodeBaseline, encodeBaseline } from '../../src/codec/baseline.ts';
import { alertEvent } from '../../src/codec/cloud-event.ts';
import { deadLetterSchema } from '../../src/codec/dead-letter.ts';
import { decodeDetectors, encodeDetectors } from '../../src/codec/detectors.ts';
import { decodeIncidents, encodeIncidents } from '../../src/codec/incident-history.ts';
import { parseReferenceSchema } from '../../src/codec/reference-schema.ts';
import { categoryNames, decodeResult, encodeResult, resultContent } from '../../src/codec/result.ts';
import { effectiveYaml } from '../../src/config/effective.ts';
import { problemText } from '../../src/config/problem.ts';
import { parseSettings } from '../../src/config/settings.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { advanceDetectors, prepareDetectors } from '../../src/drift/sequential.ts';
import { Fault } from '../../src/fault.ts';
import { renderResults } from '../../src/io/results-page.ts';
import { policy, resultsOfVotes } from '../alert/sample-results.ts';
import { evaluate } from '../drift/build.ts';
import { byteDamage, damagedInputs, damagedJson, hostileValues } from './damage.ts';
import { baselineText, historyTexts, preparedBaseline, sampleBaseline, sampleWindow } from './samples.ts';
import { holds, refusal, type Target, textOf } from './target.ts';

const names = categoryNames(new Set(['meal']), 'key');
const sequential = { enabled: true, tolerance: 0.1, alarm: 1000, decay: 0.5 };
const detectors = prepareDetectors(preparedBaseline, sequential);
const windowResult = evaluate(preparedBaseline, sampleWindow);
const watched = advanceDetectors(undefined, windowResult, detectors, sequential)!;
const resultText = encodeResult(watched.result, { position: 0n, revisions: 1 }, names).document;

/** A line of the text format 0.0.4: metric, labels whose values are escaped, a number. */
const seriesLine = /^[a-z_]+(\{([a-z_]+="([^"\\\n]|\\[\\"n])*",?)*\})? -?(\d[\d.e+-]*|Infinity)$/;

/** Throws for a page that a scraper would not take. */
export function checkPage(page: string): void {
  for (const line of page.split('\n')) {
    holds(
      line === '' || line.startsWith('# ') || seriesLine.test(line),
      `a page holds series: ${line.slice(0, 200)}`,
    );
  }
}

const result: Target = {
  name: 'result',
  weight: 5,
  inputs: damagedJson([resultText]),
  take: (input) =>
    refusal(
      ['STATE_INVALID'],
      () => decodeResult(textOf(input)),
      () => {
        const document = textOf(input);
        const stored = {
          key: { size: 60_000, start: 0 },
          revision: '',
          revisions: 0,
          inputs: '',
          publishedAt: 0,
          document,
        };
        const options = { expireBy: undefined, exposeForWindows: 3, maxSeries: 1000 };
        checkPage(renderResults([stored], [], options).text);
        resultContent(document);
      },
    ),
};

const next = resultsOfVotes({ lead_time: '          s', constructor: '          w' }).at(-1)!;
const context = { source: '/driftline', policy, nameOf: names };

const incidents: Target = {
  name: 'incident history',
  weight: 5,
  inputs: damagedJson(historyTexts),
  take: (input) =>
    refusal(
      ['STATE_INVALID'],
      () => decodeIncidents(textOf(input)),
      (history) => {
        currentState(history);
        const text = encodeIncidents(history);
        holds(encodeIncidents(decodeIncidents(text)) === text, 'a history comes back');
        const { history: after, transitions } = advance(history, next, policy);
        decodeIncidents(encodeIncidents(after));
        for (const transition of transitions) {
          alertSchema.parse(JSON.parse(alertEvent(transition, { ...context, result: next }).value));
        }
      },
    ),
};

const detectorMemory: Target = {
  name: 'detectors',
  weight: 3,
  inputs: damagedJson([encodeDetectors(watched.memory)]),
  take: (input) =>
    refusal(
      ['STATE_INVALID'],
      () => decodeDetectors(textOf(input)),
      (memory) => {
        const later = { ...windowResult, start: windowResult.end, end: 2 * windowResult.end };
        const step = advanceDetectors(memory, later, detectors, sequential);
        if (step === undefined) return;
        decodeDetectors(encodeDetectors(step.memory));
        decodeResult(encodeResult(step.result, { position: 0n, revisions: 0 }, names).document);
      },
    ),
};

const deadLetterText = JSON.stringify({
  ...{
    format: 'driftline.dead-letter/1',
    stream: 'predictions',
    reason: 'bad_field',
    meaning: 'x',
    path: 'model',
  },
  ...{
    topic: 'predictions',
    partition: 0,
    offset: 7,
    payload_bytes: 2,
    payload_base64: 'e30=',
    payload_truncated: false,
  },
});

const deadLetters: Target = {
  name: 'dead letter',
  weight: 3,
  inputs: damagedJson([deadLetterText]),
  take(input) {
    let document: unknown;
    try {
      document = JSON.parse(textOf(input));
    } catch {
      return 'no JSON';
    }
    return deadLetterSchema.safeParse(document).success ? 'accepted' : 'of another shape';
  },
};

/** The text with the hash that its content has, where it got so far. */
function rehashed(text: string): string {
  try {
    decodeBaseline(text);
  } catch (error) {
    const found = error instanceof Fault ? /has the hash ([0-9a-f]{64})/.exec(error.message)?.[1] : undefined;
    if (found !== undefined) return text.replace(sampleBaseline.schema.baselineHash, found);
  }
  return text;
}

const baseline: Target = {
  name: 'baseline',
  weight: 2,
  inputs: damagedJson([baselineText]),
  take: (input) =>
    refusal(
      ['BASELINE_INVALID'],
      () => decodeBaseline(rehashed(textOf(input))),
      (read) => {
        const again = decodeBaseline(encodeBaseline(read));
        holds(again.schema.baselineHash === read.schema.baselineHash, 'a baseline comes back with its hash');
        holds(!/(?!\n)\p{Cc}/u.test(readableBaseline(read)), 'a person reads no control characters');
        const prepared = prepareBaseline(read);
        prepareDetectors(prepared, sequential);
        decodeResult(
          encodeResult(evaluate(prepared, read.profile), { position: 0n, revisions: 0 }, names).document,
        );
      },
    ),
};

const referenceSchema: Target = {
  name: 'kinds of features',
  weight: 2,
  inputs: damagedJson([
    '{"task":"binary","features":{"lead_time":"numeric","__proto__":"categorical","toString":"boolean"}}',
  ]),
  take: (input) =>
    refusal(
      ['INPUT_UNSUPPORTED'],
      () => parseReferenceSchema(textOf(input), 'kinds.json'),
      ({ features }) =>
        holds(
          [...features.values()].every((kind) => kind === 'numeric' || kind === 'categorical'),
          'kinds are known',
        ),
    ),
};

const yamlTexts = [
  'group: hotel\nwindows: { size: 1m, rollups: ["1h", "1d"] }\nmodels:\n  - { name: "hotel", task: "binary", features: { "lead_time": "numeric", "toString": "boolean" }, plain: ["toString"] }\n',
  'kafka:\n  brokers: ["a:9092"]\n  sasl: { mechanism: "plain", username: "u" }\nredis: { url: "redis://u:p@h:1" }\nlimits: { event_bytes: "1MB", versions_per_model: 32 }\na: &a [1, *a]\n? [1, 2]\n: x\n',
  `drift: { measure: "psi", warning: 0.1 }\nx: ${'[[[['.repeat(40)}\ny: !!binary aGk=\nz: |\n  text\n --- %TAG ! tag:x,2000:\n`,
];

const configuration: Target = {
  name: 'configuration',
  weight: 2,
  inputs: fc.oneof(
    { weight: 4, arbitrary: damagedJson(yamlTexts) },
    {
      weight: 1,
      arbitrary: damagedInputs(
        yamlTexts.map((text) => new Uint8Array(Buffer.from(text))),
        byteDamage,
      ),
    },
  ),
  take(input) {
    const text = textOf(input);
    const files = [{ path: 'a.yaml', text }];
    const value = hostileValues[text.length % hostileValues.length]!;
    const env = {
      DRIFTLINE__MODELS: text,
      DRIFTLINE__WINDOWS__ROLLUPS: value,
      DRIFTLINE__DRIFT__WARNING: value,
    };
    const flags = [{ flag: '--set', path: text.slice(0, 40), text: value }];
    for (const problems of [
      parseSettings({ files: [], env, flags: [] }),
      parseSettings({ files: [], env: {}, flags }),
    ]) {
      if (!problems.ok)
        holds(
          problems.problems.every(({ message }) => message !== ''),
          'a problem has a message',
        );
    }
    const parsed = parseSettings({ files, env: {}, flags: [] });
    if (!parsed.ok) {
      holds(parsed.problems.length > 0, 'a refusal has a problem');
      for (const problem of parsed.problems) holds(problemText(problem) !== '', 'a problem has a text');
      return 'CONFIG_INVALID';
    }
    const written = effectiveYaml(parsed.effective, true);
    const again = parseSettings({ files: [{ path: 'a.yaml', text: written }], env: {}, flags: [] });
    holds(again.ok, 'what is printed can be read');
    return 'accepted';
  },
};

export const documentTargets: readonly Target[] = [
  ...[result, incidents, detectorMemory, deadLetters, baseline, referenceSchema, configuration],
];
