// The configured models with their baselines, ready for the pipeline.
import { decodeBaseline } from '../codec/baseline.ts';
import { categoryNames } from '../codec/result.ts';
import type { ModelSettings, Settings } from '../config/settings.ts';
import { prepareBaseline } from '../drift/prepared-baseline.ts';
import { prepareDetectors } from '../drift/sequential.ts';
import { Fault } from '../fault.ts';
import type { Models, MonitoredModel } from '../pipeline/model.ts';
import type { Baseline } from '../profile/baseline.ts';
import { type ModelSchema, predictionColumn, scoreColumn } from '../profile/schema.ts';
import { prepareQuality } from '../quality/reference.ts';
import { alertPolicyOf, calendarOf } from './alert-policy.ts';
import { readText } from './text-file.ts';

/**
 * Reads the baseline of every configured model. `categoryKey` keys the hashes under which categories appear outside; null
 * leaves names out. Rejects with CONFIG_UNREADABLE, BASELINE_INVALID, or CONFIG_INVALID where a baseline is another model's.
 */
export async function loadModels(settings: Settings, categoryKey: string | undefined): Promise<Models> {
  const models = await Promise.all(
    settings.models.map(async (model): Promise<[string, MonitoredModel]> => {
      const baseline = model.baseline === null ? undefined : await loadBaseline(model.baseline);
      return [model.name, monitored(model, baseline, settings, categoryKey)];
    }),
  );
  return new Map(models);
}

/** Reads a baseline document; rejects with CONFIG_UNREADABLE or BASELINE_INVALID, naming the file. */
export async function loadBaseline(path: string): Promise<Baseline> {
  const text = await readText(path);
  try {
    return decodeBaseline(text);
  } catch (error) {
    if (error instanceof Fault) throw new Fault(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** One model as the pipeline takes it: its own rules, its baseline or the features that the configuration lists. */
export function monitored(
  model: ModelSettings,
  baseline: Baseline | undefined,
  settings: Settings,
  categoryKey: string | undefined,
): MonitoredModel {
  refuseForeign(model, baseline);
  const prepared = baseline && prepareBaseline(baseline);
  const { sequential } = model.drift;
  const schema = withDistinct(baseline?.schema ?? unfrozenSchema(model), model);
  return {
    schema,
    baseline: prepared,
    drift: model.drift,
    detectors: prepared && sequential.enabled ? prepareDetectors(prepared, sequential) : undefined,
    quality: measuresQuality(model, baseline) ? prepareQuality(schema, baseline) : undefined,
    qualityPolicy: { minLabelled: settings.labels.minCount, ...qualityRules },
    alerts: alertPolicyOf(model, settings),
    calendar: calendarOf(model, settings),
    nameOf: categoryNames(new Set(model.plain), categoryKey),
  };
}

/** Intervals of 95 %; a shift that is no chance at 1 in 1,000, and of some effect. */
const qualityRules = { z: 1.96, alpha: 0.001, leastEffect: 0.1 };

function measuresQuality({ labels }: ModelSettings, baseline: Baseline | undefined): boolean {
  return labels === 'join' || (labels === 'auto' && baseline?.quality !== undefined);
}

function refuseForeign(model: ModelSettings, baseline: Baseline | undefined): void {
  if (baseline === undefined) return;
  const { schema } = baseline;
  if (schema.model !== model.name) {
    throw new Fault(
      'CONFIG_INVALID',
      `model ${model.name}: the baseline ${model.baseline} is of the model ${schema.model}`,
    );
  }
  if (schema.task !== model.task) {
    throw new Fault(
      'CONFIG_INVALID',
      `model ${model.name}: the task is ${model.task}, its baseline's is ${schema.task}`,
    );
  }
}

/** The schema that counts the distinct values of the columns that the model's settings list. */
function withDistinct(schema: ModelSchema, { name, distinct }: ModelSettings): ModelSchema {
  const unknown = distinct.find((wanted) => schema.columns.every((column) => column.name !== wanted));
  if (unknown !== undefined) {
    throw new Fault(
      'CONFIG_INVALID',
      `model ${name}: distinct values are to be counted of ${JSON.stringify(unknown)}, which is no column of its baseline`,
    );
  }
  const columns = schema.columns.map((column) =>
    distinct.includes(column.name) ? { ...column, countsDistinct: true } : column,
  );
  return { ...schema, columns };
}

/** The columns while no baseline has frozen bins or categories. */
function unfrozenSchema(model: ModelSettings): ModelSchema {
  const features = [...(model.features ?? new Map())].map(([name, kind]) => ({ name, kind }));
  const prediction = {
    name: predictionColumn,
    kind: model.task === 'regression' ? 'numeric' : 'categorical',
  } as const;
  const score = model.task === 'regression' ? [] : [{ name: scoreColumn, kind: 'numeric' } as const];
  return {
    model: model.name,
    task: model.task,
    columns: [...features, prediction, ...score],
    baselineHash: '',
  };
}
