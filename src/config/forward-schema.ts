// The settings of `alerts forward`: which alerts go to which webhook, signed how, and tried how often.
import { z } from 'zod';
import { decisionTypes, retractionTypes } from '../alert/incident.ts';
import { duration, durations, filePath, flag, secretText } from './field.ts';

const transitions = [...decisionTypes, ...retractionTypes] as const;

export const forwardSchema = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:\/\/[^\s@/]+(\/[^\s]*)?$/, {
        error: 'expected https://host/path, without a user or a password',
      })
      .nullable()
      .default(null)
      .describe('Where webhooks are sent: an `https://` address, or `http://` with `allow_private`.'),
    types: z
      .array(z.enum(transitions))
      .min(1)
      .default(['retrain.recommended'])
      .describe('What is forwarded. Alerts that are silenced are not.'),
    secret_file: filePath(
      'File that holds the secret which webhooks are signed with: `whsec_` and base64 of 24 to 64 bytes. Of several, one a line, all sign: that is how a secret is changed.',
    ),
    secret: secretText('The secret itself, or several with spaces between.'),
    timeout: duration('20s', 'How long one attempt may take.', '100ms', '5m'),
    retries: durations(
      ['5s', '1m', '5m', '30m', '2h', '5h'],
      'Waits between the attempts; after the last one the alert goes to the dead letters. Alerts keep their order, so that those behind wait.',
    ),
    remember: duration(
      '45d',
      'How long it is remembered what was delivered: longer than the alerts topic keeps an alert.',
      '1m',
    ),
    allow_private: flag(
      false,
      'Send to loopback, private and link-local addresses too, and over HTTP. Without it nobody who can change the address, or what its name leads to, reaches what is inside.',
    ),
  })
  .superRefine((forward, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (forward.url?.startsWith('http:') === true && !forward.allow_private) {
      issue('url', 'must begin with https://, or `allow_private` be true');
    }
    if (forward.secret !== null && forward.secret_file !== null) {
      issue('secret_file', 'the secret is given by file and by environment; keep one');
    }
  })
  .prefault({})
  .describe('Where `driftline alerts forward` sends alerts.');
