// Starts a Databricks job for each recommendation: `jobs/run-now` with the key of the job as its idempotency token.
//
//   DATABRICKS_HOST=https://….cloud.databricks.com DATABRICKS_TOKEN=… DATABRICKS_JOB=123 WEBHOOK_SECRET=whsec_… node databricks.ts
//
// Databricks returns the same run for the same token (64 characters at most, which the key is), so that a job is started exactly
// once, whatever crashes in between. https://docs.databricks.com/api/workspace/jobs/runnow
import { pathToFileURL } from 'node:url';
import { type StartJob, serve } from './subscriber.ts';

/** Starts the job of this number at this workspace. */
export function runNow(host: string, token: string, job: number): StartJob {
  return async ({ data }, key) => {
    const response = await fetch(new URL('/api/2.2/jobs/run-now', host), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        job_id: job,
        idempotency_token: key,
        job_parameters: {
          model: data.model,
          window_end: data.window.end,
          features: data.columns.map((column) => column.feature_name).join(','),
        },
      }),
    });
    if (!response.ok) throw new Error(`Databricks answered ${response.status}: ${await response.text()}`);
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { DATABRICKS_HOST: host = '', DATABRICKS_TOKEN: token = '', DATABRICKS_JOB: job } = process.env;
  serve(runNow(host, token, Number(job)));
}
