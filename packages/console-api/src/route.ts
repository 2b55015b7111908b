import { z } from 'zod';
import { defaultParametersField, epochMsField, idField, modelPatternField } from './fields.ts';
import { listSchemaOf } from './list.ts';

const target = z
  .strictObject({
    provider: idField.exactOptional().meta({ description: 'Absent: whichever provider the model name leads to.' }),
    model: modelPatternField.exactOptional().meta({ description: 'Absent: the name as the client sent it.' }),
  })
  .refine((value) => value.provider !== undefined || value.model !== undefined, {
    error: 'A target names a provider, a model, or both.',
  });
const targets = z.array(target).min(1).max(50);
const output = idField.nullable().meta({
  description:
    'What answers are written in: "native" (the dialect of the model behind), a dialect’s id, or null (the client’s own). The header x-proxycast-output goes before it.',
});
const sortOrder = z.int().min(0).max(1_000_000).meta({ description: 'Lower first.' });

export const routeSchema = z.strictObject({
  id: idField,
  pattern: z.string(),
  targets: z.array(z.strictObject({ provider: z.string().exactOptional(), model: z.string().exactOptional() })),
  sort_order: z.int(),
  enabled: z.boolean(),
  default_parameters: defaultParametersField.nullable(),
  output: z.string().nullable(),
  created_at: epochMsField,
  updated_at: epochMsField,
});
export type RouteAnswer = z.output<typeof routeSchema>;

export const routeListSchema = listSchemaOf(routeSchema);

export const routePatchSchema = z.strictObject({
  pattern: modelPatternField
    .exactOptional()
    .meta({ description: 'A model name or a glob with "*". Without "*" it is an alias.' }),
  targets: targets.exactOptional(),
  sort_order: sortOrder.exactOptional(),
  enabled: z.boolean().exactOptional(),
  default_parameters: defaultParametersField.nullable().exactOptional(),
  output: output.exactOptional(),
});
export type RoutePatch = z.input<typeof routePatchSchema>;

export const routeCreateSchema = z.strictObject({
  ...routePatchSchema.shape,
  pattern: modelPatternField.meta({ description: 'A model name or a glob with "*". Without "*" it is an alias.' }),
  targets,
});
export type RouteCreate = z.input<typeof routeCreateSchema>;

export const routeTestRequestSchema = z.strictObject({
  model: modelPatternField.meta({ description: 'The model name as a client would send it.' }),
  protocol: idField.meta({ description: 'The dialect the client would speak.' }),
});
export type RouteTestRequest = z.input<typeof routeTestRequestSchema>;

export const planSchema = z.strictObject({
  model: z.string(),
  protocol: z.string(),
  attempts: z.array(
    z.strictObject({
      provider_id: z.string(),
      upstream_model: z.string(),
      protocol: z.string().meta({ description: 'The dialect the upstream is spoken to in.' }),
      reason: z.string().meta({ description: 'Why this attempt is at this place.' }),
    }),
  ),
  reasons: z.array(z.string()).meta({ description: 'What routing looked at, in order.' }),
});
export type PlanAnswer = z.output<typeof planSchema>;
