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

export const restoreSchema = z.strictObject({
  name: z.string().min(1).max(200).meta({ description: 'Of a backup, as GET /backups lists it.' }),
});

export const restoredSchema = z.strictObject({
  name: z.string(),
  schema: z.string().nullable().meta({ description: 'Last migration of the backup; it was brought up to date.' }),
  bytes: z.int().min(0),
  kept: z.string().nullable().meta({ description: 'The backup that was made of what was there before.' }),
});

export const doctorSchema = z.strictObject({
  checks: z.array(
    z.strictObject({
      name: z.string().meta({ description: 'Stable, for programs.' }),
      level: z.enum(['ok', 'warning', 'fault']),
      code: z.string().meta({ description: 'What was found; stable, for programs.' }),
      fields: z.record(z.string(), z.union([z.string(), z.number()])).meta({ description: 'What the message names.' }),
      message: z.string().meta({ description: 'What was found, and what to do.' }),
    }),
  ),
});
export type DoctorAnswer = z.output<typeof doctorSchema>;
