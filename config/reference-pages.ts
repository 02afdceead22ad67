// The pages of docs/ that are tables of the code: settings, faults, metrics, reasons of refusal.
import { exitCodeOf } from '../src/cli/exit-code.ts';
import { variableOf } from '../src/config/environment.ts';
import { type SettingRow, configurationNode, settingRows } from '../src/config/schema-node.ts';
import { type MeasureDefinition, measureDefinitions } from '../src/drift/measure-definitions.ts';
import { measureNames } from '../src/drift/result.ts';
import { Fault, type FaultCode, faults } from '../src/fault.ts';
import type { MetricSpec } from '../src/metrics-table.ts';
import { rejectReasons } from '../src/profile/event.ts';

const generated = (source: string) => `<!-- Generated from ${source} by \`npm run generate\`: do not edit. -->\n`;

/** docs/configuration.md */
export function configurationPage(): string {
  const rows = settingRows();
  const sections = Object.entries(configurationNode.properties ?? {}).map(([name, node]) => {
    const own = rows.filter((row) => row.path === name || row.path.startsWith(`${name}.`) || row.path.startsWith(`${name}[`));
    return `## ${name}\n\n${node.description ?? ''}\n\n${table(['setting', 'type', 'default', 'meaning'], own.map(settingCells))}`;
  });
  return `${generated('src/config')}# Configuration

One YAML file. [config/driftline.yaml](../config/driftline.yaml) holds every setting with its default; a real file
holds what differs, like those in [config/examples](../config/examples). Editors that know
\`yaml-language-server\` check and complete it by [the JSON Schema](../config/schemas/driftline.schema.json)
(\`driftline config schema\`).

Without \`--config\`, a file \`driftline.yaml\` in the working directory is read where there is one.

- **Order.** Flags > environment > files > defaults. Of several files (\`-c base.yaml -c production.yaml\`) the later
  one wins, key by key; a list replaces the list before it, except \`models\`, whose entries are merged by name.
  \`driftline config print --origin\` says where every value came from.
- **Environment.** \`windows.size\` is \`${variableOf('windows.size')}\`: two underscores for every dot. A list of
  text is separated by commas (\`${variableOf('kafka.brokers')}=a:9092,b:9092\`); other lists, and maps, are JSON. A variable
  that names no setting is an error.
- **Flags.** \`--set windows.size=1m\`, in the same notation as the environment.
- **Durations** are \`500ms\`, \`10s\`, \`5m\`, \`24h\`, \`30d\`. **Sizes** are \`64kB\`, \`1MB\` (decimal), \`64KiB\`, \`2GiB\` (binary).
- **Secrets** come from files that the configuration names, or from the environment. In a configuration file or a
  flag they are refused.
- **File paths** in a configuration file start at its folder; in a variable or a flag, at the working directory.
- **Mistakes** are reported all together, with file, line and column, and exit code 2: \`driftline config check\`.
  A setting that does not exist is a mistake.

${sections.join('\n')}`;
}

function settingCells(row: SettingRow): readonly string[] {
  const initial = row.default === undefined ? (row.isRequired ? 'required' : '') : `\`${row.default}\``;
  const origin = row.isSecret ? ` Only from \`${variableOf(row.path)}\`.` : '';
  return [`\`${row.path}\``, row.type, initial, row.meaning + origin];
}

/** docs/faults.md */
export function faultsPage(): string {
  const rows = (Object.keys(faults) as FaultCode[]).map((code) => {
    const { domain, retry, meaning } = faults[code];
    return [`\`${code}\``, domain, retry === 'backoff' ? 'may help' : 'no', String(exitCodeOf(new Fault(code, ''))), meaning];
  });
  return `${generated('src/fault.ts')}# Faults

A command that fails ends with one line on standard error, \`driftline: CODE: message\`, and an exit code: 0 done,
1 failed, 2 command line or configuration, 3 Kafka or Redis cannot be reached, 4 drift found by a command that was asked
to fail on it. A fault never comes from a bad event: that is refused, counted and sent to the dead-letter topic.

The domain says who can change it: the data, the configuration, something outside the process, or Driftline itself.

${table(['code', 'domain', 'trying again', 'exit code', 'meaning'], rows)}`;
}

/** docs/metrics.md */
export function metricsPage(metrics: Readonly<Record<string, MetricSpec>>): string {
  const rowsOf = (endpoint: MetricSpec['endpoint']) =>
    Object.entries(metrics)
      .filter(([, metric]) => metric.endpoint === endpoint)
      .map(([name, { type, labels, help }]) => [
        `\`${name}\``,
        type,
        labels.map((label) => `\`${label}\``).join(', '),
        help,
      ]);
  const header = ['metric', 'type', 'labels', 'meaning'];
  return `${generated('src/metrics-table.ts')}# Metrics

## /metrics

What this process does: scrape every process.

${table(header, rowsOf('process'))}
## /metrics/results

What the windows say, of the whole system: the same on every process, so scrape one of them, or the service.

${table(header, rowsOf('results'))}`;
}

/** The table of docs/events.md between its markers. */
export function rejectReasonsTable(): string {
  return table(['reason', 'meaning'], Object.entries(rejectReasons).map(([reason, meaning]) => [`\`${reason}\``, meaning]));
}

/** The tables of docs/statistics.md between their markers: what every measure is, and its scores under no drift. */
export function measureTables(): { readonly measures: string; readonly nulls: string } {
  const rowsOf = (cells: (definition: MeasureDefinition) => readonly string[]) =>
    measureNames.map((name) => [`\`${name}\``, ...cells(measureDefinitions[name])]);
  const header = ['measure', 'formula', 'range', 'unit', 'on', 'missing rows', 'unseen values', 'empty bins', 'source'];
  return {
    measures: table(
      header,
      rowsOf((of) => [of.formula, of.range, of.unit, of.comparedOn, of.missing, of.unseen, of.emptyBins, of.source]),
    ),
    nulls: table(
      ['measure', 'under no drift, rows independent'],
      rowsOf(({ underNoDrift }) => [underNoDrift]),
    ),
  };
}

/** Puts text between the two markers of a page that is written by hand. Throws where the page has none. */
export function withBlock(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- generated: ${name} -->\n`, `<!-- end: ${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no lines ${start.trimEnd()} and ${end}`);
  return `${page.slice(0, from + start.length)}${text}${page.slice(to)}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('');
}
