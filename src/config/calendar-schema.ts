// The settings of times at which alerts are not to be taken as they are: silences and maintenance.
import { z } from 'zod';
import { rules } from '../alert/incident.ts';
import { instant } from './field.ts';

const models = z
  .array(z.string().min(1))
  .max(1000)
  .default([])
  .describe('The models that it is about; none are all.');
const reason = z.string().max(500).default('').describe('Why, for whoever reads the configuration.');

interface Span {
  readonly from: { readonly ms: number };
  readonly until: { readonly ms: number };
}

function checkSpan({ from, until }: Span, context: z.core.$RefinementCtx): void {
  if (until.ms <= from.ms) {
    context.addIssue({ code: 'custom', path: ['until'], message: 'must be after `from`', input: until });
  }
}

const span = {
  from: instant('From when on, event time.'),
  until: instant('Until when, event time.'),
};

export const silencesSchema = z
  .array(
    z
      .strictObject({
        models,
        rules: z.array(z.enum(rules)).default([]).describe('The rules that it is about; none are all.'),
        features: z
          .array(z.string().min(1))
          .max(10_000)
          .default([])
          .describe('The features that it is about; none are all.'),
        ...span,
        reason,
      })
      .superRefine(checkSpan),
  )
  .max(1000)
  .prefault([])
  .describe(
    'Alerts of these times, event time, are sent with `silenced: true`: `alerts forward` leaves them out, and they do not count for retraining.',
  );

export const maintenanceSchema = z
  .array(z.strictObject({ models, ...span, reason }).superRefine(checkSpan))
  .max(1000)
  .prefault([])
  .describe(
    'Windows that touch these times, event time, have no vote: they raise nothing and clear nothing.',
  );
