// What leaves the process with names in it that somebody else has chosen: documents, events, pages, log lines, tables.
import fc from 'fast-check';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory, Transition } from '../../src/alert/incident.ts';
import { faultReport } from '../../src/cli/fault-report.ts';
import { textTable } from '../../src/cli/table.ts';
import { alertSchema } from '../../src/codec/alert-schema.ts';
import { alertEvent, eventBytesMax } from '../../src/codec/cloud-event.ts';
import { decodeResult, encodeResult } from '../../src/codec/result.ts';
import type { ColumnResult, WindowResult } from '../../src/drift/result.ts';
import { Fault } from '../../src/fault.ts';
import { jsonLog } from '../../src/io/log.ts';
import { processMetrics } from '../../src/io/prometheus.ts';
import { renderResults } from '../../src/io/results-page.ts';
import { policy, resultsOfVotes } from '../alert/sample-results.ts';
import { byteDamage, damagedInputs, hostileNames } from './damage.ts';
import { checkPage } from './document-targets.ts';
import { holds, type Target, utf16Of } from './target.ts';

const story = resultsOfVotes({ adr: 'wwwk', lead_time: 'kkkk' });

/** The story with a name for everything that has one. */
function renamed(result: WindowResult, name: string): WindowResult {
  const columns = result.columns.map(
    (column, i): ColumnResult =>
      i > 0
        ? column
        : {
            ...column,
            name,
            kind: 'categorical',
            statistics: { distinct: 2, top: [{ name, count: 4000 }] },
            moved: [
              {
                kind: 'category',
                name,
                baselineRows: 10,
                windowRows: 50,
                baselineShare: 0.1,
                windowShare: 0.5,
                contribution: 1,
              },
            ],
          },
  );
  return { ...result, model: name, columns, versions: [{ version: name, rows: result.rows }] };
}

/** What JSON, and with it UTF-8, can hold of a name. */
const published = (name: string) => name;

function checkResult(result: WindowResult, name: string): string {
  const text = encodeResult(result, { position: 0n, revisions: 0 }, (_, category) => category).document;
  const document = decodeResult(text);
  holds(
    document.model === published(name) && document.versions[0]?.version === name,
    'names come back from a result',
  );
  holds(document.columns[0]?.feature_name === name, 'a feature comes back from a result');
  holds(!text.includes('\n') && text.isWellFormed(), 'a result is one line of UTF-8');
  return text;
}

function checkAlert(transition: Transition, result: WindowResult, name: string): void {
  const context = { source: '/driftline', policy, result, nameOf: (_: string, category: string) => category };
  const { value, headers, key } = alertEvent(transition, context);
  const event = alertSchema.parse(JSON.parse(value));
  holds(
    event.data.model === name && event.subject === `${name}/all` && key === name,
    'names come back from an alert',
  );
  holds(Buffer.byteLength(value) <= eventBytesMax && value.isWellFormed(), 'an alert is bounded');
  for (const header of Object.values(headers)) holds(/^[ -~]*$/.test(header), 'a header is plain ASCII');
}

function checkLog(name: string): void {
  const lines: string[] = [];
  const log = jsonLog({ write: (line) => void lines.push(line) }, 'info');
  const error = new Fault('STATE_INVALID', name, { cause: new Error(name) });
  log.info({ model: name, [name]: name, error }, name);
  holds(lines.length === 1 && lines[0]!.indexOf('\n') === lines[0]!.length - 1, 'a log entry is one line');
  const said = JSON.parse(lines[0]!) as { model: unknown; msg: unknown; level: unknown };
  holds(said.msg === name || name === 'msg' || name === 'model', 'a message comes back from the log');
}

const control = /(?![\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

function checkTerminal(name: string): void {
  const table = textTable(['model', 'n'], [[name, 1]]);
  holds(
    table.split('\n').length === 3 && !control.test(table),
    'a table has the lines and characters of a table',
  );
  holds(
    !control.test(faultReport(new Fault('BASELINE_INVALID', name))),
    'a report does not write to the terminal',
  );
}

const meter = processMetrics('fuzz');

const names: Target = {
  name: 'names on their way out',
  weight: 5,
  inputs: damagedInputs(
    [
      ...hostileNames,
      'a"b\\c\nd\r\n{e="f"} 1\n# HELP',
      '\u001b]0;x\u0007\u009b2J',
      '\u202e\u2066\u2028\u2029',
      'msg',
      '</script>',
    ].map((name) => new Uint8Array(Buffer.from(name, 'utf16le'))),
    byteDamage,
    fc.string({ unit: 'binary', maxLength: 60 }).map((name) => new Uint8Array(Buffer.from(name, 'utf16le'))),
  ),
  async take(input) {
    const name = utf16Of(input);
    let history: IncidentHistory | undefined;
    let document = '';
    for (const plain of story) {
      const result = renamed(plain, name);
      document = checkResult(result, name);
      const step = advance(history, result, policy);
      history = step.history;
      for (const transition of step.transitions) checkAlert(transition, result, name);
    }
    const stored = {
      key: { size: 300_000, start: 0 },
      revision: '',
      revisions: 0,
      inputs: '',
      publishedAt: 0,
      document,
    };
    const options = { expireBy: undefined, exposeForWindows: 3, maxSeries: 1000 };
    const page = renderResults([stored], [history!], options);
    checkPage(page.text);
    holds(
      page.text.split('\n').filter((line) => /^driftline/.test(line)).length === page.series + 2,
      'a series is a line',
    );
    checkLog(name);
    checkTerminal(name);
    meter.meter.count('driftline_unknown_features_total', { model: name }, 1);
    return 'accepted';
  },
};

export const outgoingTargets: readonly Target[] = [names];
