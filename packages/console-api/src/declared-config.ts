import { z } from 'zod';
import { apiKeyCreateSchema } from './api-key.ts';
import { chosenIdField, labelField } from './fields.ts';
import { providerPatchSchema } from './provider.ts';
import { routeCreateSchema } from './route.ts';
import { settingsPatchSchema } from './settings.ts';

const declaredKey = z
  .strictObject({
    name: labelField.meta({ description: 'By it the key is found again when the file changes.' }),
    key: apiKeyCreateSchema.shape.key.exactOptional(),
    key_env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'The name of an environment variable.' })
      .exactOptional()
      .meta({ description: 'The environment variable that holds the key.' }),
  })
  .refine((value) => (value.key === undefined) !== (value.key_env === undefined), {
    error: 'Either key or key_env.',
  });

const declaredProvider = z.strictObject({
  ...providerPatchSchema.shape,
  id: chosenIdField,
  keys: z.array(declaredKey).max(100).exactOptional(),
});

/** `proxycast.yaml`: what it names is made so; what it does not name stays as it is. */
export const declaredConfigSchema = z.strictObject({
  settings: settingsPatchSchema.exactOptional(),
  providers: z.array(declaredProvider).max(1000).exactOptional(),
  routes: z.array(routeCreateSchema).max(1000).exactOptional(),
});
export type DeclaredConfig = z.output<typeof declaredConfigSchema>;
