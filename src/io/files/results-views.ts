// The tables that SQL on results sees: Driftline's own, and the same numbers in the layout of Databricks' metric tables.
import { type MeasureName, measureNames } from '../../drift/result.ts';

/** A column of a view: its name, its type, and where it is in the JSON (`$.a.b`). */
type Field = readonly [name: string, type: string, path: string];

const windowFields: readonly Field[] = [
  ['model', 'VARCHAR', '$.model'],
  ['segment', 'VARCHAR', '$.segment'],
  ['window_start_time', 'TIMESTAMP', '$.window_start_time'],
  ['window_end_time', 'TIMESTAMP', '$.window_end_time'],
  ['window_seconds', 'DOUBLE', '$.window_seconds'],
  ['revision', 'VARCHAR', '$.revision'],
  ['status', 'VARCHAR', '$.status'],
  ['baseline', 'VARCHAR', '$.baseline'],
  ['rows', 'BIGINT', '$.rows'],
  ['unknown_features', 'BIGINT', '$.unknown_features'],
  ['drifted_features', 'BIGINT', '$.drifted_features'],
];

const driftFields: readonly Field[] = [
  ['feature_name', 'VARCHAR', '$.feature_name'],
  ['kind', 'VARCHAR', '$.kind'],
  ['measure', 'VARCHAR', '$.measure'],
  ['drift_score', 'DOUBLE', '$.drift_score'],
  ['drift_threshold', 'DOUBLE', '$.drift_threshold'],
  ['warning', 'DOUBLE', '$.warning'],
  ['critical', 'DOUBLE', '$.critical'],
  ['noise_floor', 'DOUBLE', '$.noise_floor'],
  ['p_value', 'DOUBLE', '$.p_value'],
  ['p_value_adjusted', 'DOUBLE', '$.p_value_adjusted'],
  ['state', 'VARCHAR', '$.state'],
  ['severity', 'VARCHAR', '$.severity'],
  ['n', 'BIGINT', '$.n'],
  ['n_effective', 'DOUBLE', '$.n_effective'],
  ['n_baseline', 'BIGINT', '$.n_baseline'],
  ...measureNames.map((name): Field => [name, 'DOUBLE', `$.measures.${name}.score`]),
];

const profileFields: readonly Field[] = [
  ['feature_name', 'VARCHAR', '$.feature_name'],
  ['kind', 'VARCHAR', '$.kind'],
  ['n', 'BIGINT', '$.n'],
  ['missing', 'BIGINT', '$.missing'],
  ['invalid', 'BIGINT', '$.invalid'],
  ['nonfinite', 'BIGINT', '$.nonfinite'],
  ['unseen', 'BIGINT', '$.unseen'],
  ['mean', 'DOUBLE', '$.statistics.mean'],
  ['std', 'DOUBLE', '$.statistics.std'],
  ['min', 'DOUBLE', '$.statistics.min'],
  ['max', 'DOUBLE', '$.statistics.max'],
  ['zeros', 'BIGINT', '$.statistics.zeros'],
  ['distinct_count', 'DOUBLE', '$.statistics.distinct'],
  ['p01', 'DOUBLE', '$.statistics.quantiles[0]'],
  ['p05', 'DOUBLE', '$.statistics.quantiles[1]'],
  ['p25', 'DOUBLE', '$.statistics.quantiles[2]'],
  ['median', 'DOUBLE', '$.statistics.quantiles[3]'],
  ['p75', 'DOUBLE', '$.statistics.quantiles[4]'],
  ['p95', 'DOUBLE', '$.statistics.quantiles[5]'],
  ['p99', 'DOUBLE', '$.statistics.quantiles[6]'],
];

function selected(fields: readonly Field[], json: string): string {
  return fields.map(([name, type, path]) => `(${json} ->> '${path}')::${type} AS "${name}"`).join(', ');
}

/** Every column of every window as a row. */
const unnested = `FROM (SELECT *, unnest((document -> '$.columns')::JSON[]) AS feature FROM windows)`;

/** The columns of a document, each with those of its window that say which window it is. */
const perColumn = (fields: readonly Field[]) => `
  SELECT ${windowFields
    .slice(0, 6)
    .map(([name]) => `"${name}"`)
    .join(', ')}, ${selected(fields, 'feature')}
  ${unnested}`;

const measured = (name: MeasureName, field: string) => `(feature ->> '$.measures.${name}.${field}')::DOUBLE`;

const test = (name: MeasureName) =>
  `CASE WHEN ${measured(name, 'score')} IS NULL THEN NULL
        ELSE {'statistic': ${measured(name, 'score')}, 'pvalue': ${measured(name, 'p_value')}} END`;

/** What names a row in Databricks' tables: versions are pooled and nothing is sliced, which they write as `*` and NULL. */
const databricksRow = `
  {'start': window_start_time, 'end': window_end_time} AS "window",
  CASE ${[
    [604_800, 'week'],
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ]
    .map(
      ([seconds, unit]) =>
        `WHEN window_seconds = ${seconds} THEN '1 ${unit}'
         WHEN window_seconds % ${seconds} = 0 THEN (window_seconds / ${seconds})::BIGINT || ' ${unit}s'`,
    )
    .join(' ')} END AS granularity,
  '*' AS model_id, NULL::VARCHAR AS slice_key, NULL::VARCHAR AS slice_value,
  model AS monitored_model, feature ->> '$.feature_name' AS column_name,
  CASE feature ->> '$.kind' WHEN 'numeric' THEN 'double' ELSE 'string' END AS data_type`;

const asCount = (path: string) => `(feature ->> '${path}')::BIGINT`;
const asDouble = (path: string) => `(feature ->> '${path}')::DOUBLE`;
const nulls = `(${asCount('$.missing')} + ${asCount('$.invalid')})`;
const share = (part: string) => `100.0 * ${part} / nullif(${asCount('$.n')}, 0)`;

const views: Readonly<Record<string, string>> = {
  windows: `
    SELECT ${selected(windowFields, 'document')}, document
    FROM (SELECT json AS document, row_number() OVER () AS line FROM documents)
    QUALIFY row_number() OVER (PARTITION BY model, segment, window_seconds, window_start_time ORDER BY line DESC) = 1`,
  drift_metrics: perColumn(driftFields),
  profile_metrics: perColumn(profileFields),
  databricks_profile_metrics: `
    SELECT ${databricksRow}, 'INPUT' AS log_type,
      ${asCount('$.n')} - ${nulls} AS "count", ${nulls} AS num_nulls, ${asDouble('$.statistics.mean')} AS "avg",
      (feature -> '$.statistics.quantiles')::DOUBLE[] AS quantiles,
      ${asDouble('$.statistics.min')} AS "min", ${asDouble('$.statistics.max')} AS "max",
      ${asDouble('$.statistics.std')} AS stddev, ${asCount('$.statistics.zeros')} AS num_zeros,
      ${asCount('$.nonfinite')} AS num_nan, ${asDouble('$.statistics.quantiles[3]')} AS median,
      list_transform(json_transform(feature -> '$.statistics.top', '[{"name":"VARCHAR","count":"BIGINT"}]'),
        lambda one: {'item': one.name, 'count': one.count}) AS frequent_items,
      ${asDouble('$.statistics.distinct')} AS distinct_count, ${share(asCount('$.nonfinite'))} AS percent_nan,
      ${share(nulls)} AS percent_null, ${share(asCount('$.statistics.zeros'))} AS percent_zeros,
      ${share(asDouble('$.statistics.distinct'))} AS percent_distinct
    ${unnested}`,
  databricks_drift_metrics: `
    SELECT ${databricksRow},
      NULL::STRUCT("start" TIMESTAMP, "end" TIMESTAMP) AS window_cmp, 'BASELINE' AS drift_type,
      ${asCount('$.n')} - ${asCount('$.n_baseline')} AS count_delta,
      ${measured('jensen_shannon', 'score')} AS js_distance, ${test('kolmogorov_smirnov')} AS ks_test,
      ${measured('wasserstein', 'raw')} AS wasserstein_distance,
      ${measured('psi', 'score')} AS population_stability_index, ${test('chi_squared')} AS chi_squared_test,
      ${measured('total_variation', 'score')} AS tv_distance, ${measured('l_infinity', 'score')} AS l_infinity_distance
    ${unnested} WHERE (feature -> '$.measures')::VARCHAR <> '{}'`,
};

/** The names of the tables that can be asked for. */
export const resultTables: readonly string[] = Object.keys(views);

/**
 * The statements that make the tables over one named `documents` with the column `json`; of the revisions of a window
 * the last stays.
 */
export const viewStatements: readonly string[] = Object.entries(views).map(
  ([name, select]) => `CREATE VIEW ${name} AS ${select}`,
);
