import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type MetricSpec, metrics } from '../../src/metrics-table.ts';
import { promtoolCheckQueries, promtoolMissing } from './promtool.ts';

interface Target {
  readonly refId: string;
  readonly datasource: unknown;
  readonly expr: string;
  readonly legendFormat: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: unknown;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
  readonly datasource?: unknown;
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly { readonly datasource: unknown; readonly expr: string }[] };
}

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'deploy/grafana/dashboards');
const dashboards = readdirSync(folder).map((name): [string, Dashboard] => [
  name,
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Dashboard,
]);

const table: ReadonlyMap<string, MetricSpec> = new Map(Object.entries<MetricSpec>(metrics));
const templated = { type: 'prometheus', uid: expect.stringMatching(/^\$\{datasource\}$/) };
/** Labels that Prometheus adds to what it reads. */
const targetLabels = ['instance', 'pod', 'job'];

/** The metric of the table behind a name in a query: a histogram is asked for by its parts. */
function metricOf(name: string): MetricSpec | undefined {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  const spec = table.get(base);
  return base === name || spec?.type === 'histogram' ? spec : undefined;
}

/** Every metric in a query, with the labels of its matchers. */
function selectors(expr: string): { name: string; labels: string[] }[] {
  return [...expr.matchAll(/\b(driftline_\w+)(?:\{([^}]*)\})?/g)].map(([, name = '', matchers = '']) => ({
    name,
    labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  }));
}

/** Labels by which a query groups and joins. */
function groupings(expr: string): string[] {
  return [...expr.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g)].flatMap(
    ([, list = '']) => list.split(',').map((label) => label.trim()),
  );
}

const queriesOf = ({ panels, templating, annotations }: Dashboard): readonly string[] => [
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...templating.list.flatMap(({ definition }) => definition ?? []),
  ...annotations.list.map(({ expr }) => expr),
];

/** Queries as Prometheus gets them, with something in the place of each variable. */
const asSent = (expr: string) => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, 'x');

test('there is a dashboard', () => {
  expect(dashboards.map(([name]) => name)).toContain('model.json');
});

describe.each(dashboards)('%s', (_name, dashboard) => {
  const shown = dashboard.panels.filter(({ type }) => type !== 'row');
  const queries = queriesOf(dashboard);

  test('has an address of its own, and is changed in the repository alone', () => {
    expect(dashboard.uid).toMatch(/^driftline-\w+$/);
    expect(dashboard.editable).toBe(false);
  });

  test('has panels of unique ids and titles', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    const titles = dashboard.panels.map(({ title }) => title);
    expect(ids).toEqual([...new Set(ids)]);
    expect(titles).toEqual([...new Set(titles)]);
  });

  test('asks the data source that is chosen above it', () => {
    expect(dashboard.templating.list[0]).toMatchObject({ type: 'datasource', query: 'prometheus' });
    const asked = [
      ...shown.map(({ datasource }) => datasource),
      ...shown.flatMap(({ targets = [] }) => targets.map(({ datasource }) => datasource)),
      ...dashboard.templating.list.slice(1).map(({ datasource }) => datasource),
      ...dashboard.annotations.list.map(({ datasource }) => datasource),
    ];
    for (const datasource of asked) expect(datasource).toEqual(templated);
  });

  test.each(shown.map((panel): [string, Panel] => [panel.title, panel]))(
    '"%s" says what it shows, in which unit, and asks for it',
    (title, { description = '', fieldConfig, targets = [] }) => {
      expect(title).toMatch(/^[A-Z]/);
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(fieldConfig?.defaults.unit).toBeTruthy();
      expect(targets.length).toBeGreaterThan(0);
      const ids = targets.map(({ refId }) => refId);
      expect(ids).toEqual([...new Set(ids)]);
    },
  );

  test('lays no panel over another or over the edge', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x},${y}`), title).toBeUndefined();
          taken.set(`${x},${y}`, title);
        }
      }
    }
  });

  test('uses only variables that it has', () => {
    const known = new Set([...dashboard.templating.list.map(({ name }) => name), '__rate_interval']);
    const used = [...queries, ...dashboard.panels.map(({ title }) => title)].flatMap((text) =>
      [...text.matchAll(/\$(\w+)/g)].map(([, name = '']) => name),
    );
    expect(used.filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => !used.includes(name) && name !== 'datasource')).toEqual([]);
  });

  test.each(queries)('metrics and labels are those of the table: %s', (expr) => {
    const found = selectors(expr);
    expect(found.length).toBeGreaterThan(0);
    const labels = new Set(targetLabels);
    for (const { name, labels: matched } of found) {
      const spec = metricOf(name);
      expect(spec, name).toBeDefined();
      expect(matched.filter((label) => !spec?.labels.includes(label))).toEqual([]);
      for (const label of spec?.labels ?? []) labels.add(label);
      if (name.endsWith('_bucket')) labels.add('le');
    }
    expect(groupings(expr).filter((label) => !labels.has(label))).toEqual([]);
  });

  test('every legend is made of labels that the query leaves', () => {
    const targets = shown.flatMap(({ targets: all = [] }) => all);
    for (const { expr, legendFormat } of targets) {
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect(
        named.filter((label) => !groupings(expr).includes(label)),
        expr,
      ).toEqual([]);
    }
  });

  test('results are asked for once, however many processes show them', () => {
    for (const expr of queries.filter((query) => !/^(label_values|query_result)\(/.test(query))) {
      const bare = expr.replaceAll(/max without \(instance, pod\) \(driftline_\w+(\{[^}]*\})?\)/g, '');
      const results = selectors(bare).filter(({ name }) => metricOf(name)?.endpoint === 'results');
      expect(results, expr).toEqual([]);
    }
  });

  test('counters and histograms are asked for by their rate or increase', () => {
    for (const expr of queries) {
      for (const { name } of selectors(expr)) {
        if (metricOf(name)?.type === 'gauge') continue;
        expect(expr).toMatch(new RegExp(`\\b(rate|increase)\\(${name}\\[`));
      }
    }
  });

  test.skipIf(promtoolMissing)(
    `its queries are PromQL${promtoolMissing ? `: ${promtoolMissing}` : ''}`,
    () => {
      const sent = queries
        .map((expr) => expr.replace(/^query_result\((.*)\)$/s, '$1'))
        .map((expr) => asSent(expr.replace(/^label_values\((.*), \w+\)$/s, '$1')));
      const checked = promtoolCheckQueries(sent);
      expect(checked.ok, checked.text).toBe(true);
      expect(checked.text).toContain(`${queries.length} rules found`);
    },
  );
});

describe('the provisioning of Grafana', () => {
  const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
    services: { grafana: { environment: Record<string, string>; volumes: readonly string[] } };
  };
  const { environment, volumes } = compose.services.grafana;
  const provisioned = (path: string) =>
    parse(readFileSync(join(root, 'deploy/grafana/provisioning', path), 'utf8')) as Record<string, never>;

  test('adds a Prometheus by the address that the environment gives', () => {
    const { datasources } = provisioned('datasources/prometheus.yml') as unknown as {
      datasources: readonly { type: string; url: string }[];
    };
    expect(datasources.map(({ type }) => type)).toEqual(['prometheus']);
    const variable = datasources[0]?.url.replace('$', '') ?? '';
    expect(environment[variable]).toBe('http://prometheus:9090');
  });

  test('reads the dashboards from where they are mounted', () => {
    const { providers } = provisioned('dashboards/driftline.yml') as unknown as {
      providers: readonly { allowUiUpdates: boolean; options: { path: string } }[];
    };
    const path = providers[0]?.options.path ?? '';
    expect(volumes).toContain(`./deploy/grafana/dashboards:${path}:ro`);
    expect(environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toBe(`${path}/model.json`);
    expect(providers[0]?.allowUiUpdates).toBe(false);
  });
});
