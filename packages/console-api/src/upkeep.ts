import { z } from 'zod';
import { epochMsField } from './fields.ts';

export const backupSchema = z.strictObject({
  name: z.string(),
  path: z.string().meta({ description: 'On the machine that runs ProxyCast.' }),
  written_at: epochMsField,
});
export type BackupAnswer = z.output<typeof backupSchema>;

export const backupListSchema = z.strictObject({ items: z.array(backupSchema), next_cursor: z.null() });

export const backupWrittenSchema = z.strictObject({
  path: z.string(),
  bytes: z.int().min(0).meta({ description: 'Of the file, after it was opened and read through.' }),
});

export const doctorSchema = z.strictObject({
  checks: z.array(
    z.strictObject({
      name: z.string().meta({ description: 'Stable, for programs.' }),
      level: z.enum(['ok', 'warning', 'fault']),
      message: z.string().meta({ description: 'What was found, and what to do.' }),
    }),
  ),
});
export type DoctorAnswer = z.output<typeof doctorSchema>;
