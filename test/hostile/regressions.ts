// Inputs that an attack has failed on, as small as they were found.

export interface Regression {
  readonly target: string;
  readonly what: string;
  readonly input: Uint8Array;
  readonly outcome: string;
}

const text = (value: string) => new Uint8Array(Buffer.from(value));

const history = {
  ...{ format: 'driftline.incidents/1', model: 'm', segment: 'all', columns: ['a'], foldedTo: null },
  policy: {
    raise: { windows: 3, of: 5, atOnce: 2 },
    clear: { below: 0.8, windows: 5 },
    horizonMs: 86_400_000,
  },
  ...{
    windows: [[0, 60_000, 'w']],
    base: { columns: [], incidents: [] },
    standing: [],
    withdrawn: [],
    sequence: 0,
  },
};
const historyWith = (change: object) => text(JSON.stringify({ ...history, ...change }));

export const regressions: readonly Regression[] = [
  {
    ...{
      target: 'incident history',
      what: 'a window that no date can have, which an alert would have to tell',
    },
    ...{ input: historyWith({ windows: [[2 ** 53 - 1, 60_000, 'w']] }), outcome: 'STATE_INVALID' },
  },
  {
    ...{ target: 'incident history', what: 'a sequence after which nothing can be counted' },
    ...{ input: historyWith({ sequence: 2 ** 53 - 1 }), outcome: 'STATE_INVALID' },
  },
  {
    ...{ target: 'incident history', what: 'more windows than a text can have letters' },
    input: historyWith({ policy: { ...history.policy, clear: { below: 0.8, windows: 2 ** 40 } } }),
    outcome: 'STATE_INVALID',
  },
  {
    ...{ target: 'detectors', what: 'a past that is not a number, after which no evidence is' },
    input: text(
      '{"format":"driftline.detectors/1","baseline":"","newestEnd":0,"before":[],"after":[["a",0,"AADAfw=="]]}',
    ),
    outcome: 'STATE_INVALID',
  },
  {
    ...{ target: 'kinds of features', what: 'a kind nested so deeply that its text takes the stack' },
    ...{
      input: text(`{"features":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`),
      outcome: 'INPUT_UNSUPPORTED',
    },
  },
  {
    ...{ target: 'names on their way out', what: 'a name that clears the screen of who reads the report' },
    ...{ input: new Uint8Array(Buffer.from('\u001b[2J', 'utf16le')), outcome: 'accepted' },
  },
];
