import { z } from 'zod';
import { generatedFrom, markdownTable } from './markdown.table.js';

/** Variables of .env.example that share one comment. */
interface LabSetting {
  readonly names: readonly string[];
  readonly defaults: readonly string[];
  readonly meaning: string;
}

/** A heading of .env.example (`# --- Title. More.`) and what stands below it. */
interface LabSection {
  readonly title: string;
  readonly text: string;
  readonly settings: LabSetting[];
}

/** Reads .env.example: headings, and below each comment the variables that it explains. */
export function labSections(example: string): readonly LabSection[] {
  const sections: LabSection[] = [];
  let comment = '';
  let previous: LabSetting | undefined;
  for (const line of example.split('\n')) {
    const [, title, text] = /^# --- ([^.]+)\.\s?(.*)$/.exec(line) ?? [];
    const [, name, value = ''] = /^#?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    const section = sections.at(-1);
    if (title !== undefined) sections.push({ title, text: text ?? '', settings: [] });
    else if (name !== undefined && section !== undefined) {
      const shared = comment === '' ? previous : undefined;
      const setting = {
        names: [...(shared?.names ?? []), name],
        defaults: [...(shared?.defaults ?? []), value],
        meaning: shared?.meaning ?? comment,
      };
      if (shared !== undefined) section.settings.pop();
      section.settings.push(setting);
      [previous, comment] = [setting, ''];
    } else comment = line.startsWith('# ') ? line.slice(2) : '';
  }
  return sections;
}

const code = (text: string) => `\`${text}\``;

const labTable = ({ title, settings }: LabSection): string =>
  markdownTable(
    ['variable', 'default', 'meaning'],
    settings.map(({ names, defaults, meaning }) => [
      names.map(code).join(', '),
      title === 'Secrets' ? 'generated' : defaults.map((value) => (value === '' ? 'none' : code(value))).join(', '),
      meaning,
    ]),
  );

/** What JSON Schema says of one variable. */
interface Variable {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
}

function allowed({ enum: values, minimum, maximum, minLength }: Variable): string {
  if (values !== undefined) return values.map(code).join(', ');
  if (minimum !== undefined)
    return maximum === undefined || maximum > 1e12 ? `≥ ${minimum}` : `${minimum} to ${maximum}`;
  return minLength !== undefined && minLength > 1 ? `at least ${minLength} characters` : '';
}

function serviceTable(schema: z.ZodObject, inLab: ReadonlyMap<string, string>): string {
  // `output`: the types after coercion, which have the bounds. Every variable there that has no default is required or optional.
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  const rows = Object.entries(properties as Readonly<Record<string, Variable>>).map(([name, variable]) => {
    const value = variable.default === undefined ? undefined : code(String(variable.default).replaceAll(',', ', '));
    const fallback = value ?? (required.includes(name) ? '**required**' : 'none');
    const lab = inLab.get(name);
    return [code(name), fallback, lab === undefined ? '' : code(lab), allowed(variable), variable.description ?? ''];
  });
  return markdownTable(['variable', 'default', 'in the lab', 'allowed', 'meaning'], rows);
}

/** What docker-compose.yml gives the API's containers: the block `environment` of `x-api`. */
export function composeEnvironment(compose: string): ReadonlyMap<string, string> {
  const [block = ''] = /(?<=^x-api:[\s\S]*?^ {2}environment:\n)(?: {4}.*\n)+/m.exec(compose) ?? [];
  const pairs = [...block.matchAll(/^ {4}([A-Z][A-Z0-9_]*): (.+)$/gm)];
  return new Map(
    // A secret or a setting of .env, by its name: `${NAME:?}`.
    pairs.map(([, name = '', value = '']) => [
      name,
      value.replace(/^\$\{([A-Z0-9_]+).*\}$/, '$1').replaceAll(',', ', '),
    ]),
  );
}

/** What docs/configuration.md is made from. */
export interface ConfigurationSources {
  /** Text of .env.example. */
  readonly example: string;
  /** Text of docker-compose.yml. */
  readonly compose: string;
  /** The environment of the service. */
  readonly schema: z.ZodObject;
}

/** docs/configuration.md: the lab's variables, then those of the service. */
export function configurationPage({ example, compose, schema }: ConfigurationSources): string {
  const lab = labSections(example).map((section) =>
    [`### ${section.title}`, ...(section.text === '' ? [] : [section.text]), labTable(section)].join('\n\n'),
  );
  return `${generatedFrom('.env.example', 'apps/api/src/config/environment.schema.ts')}

# Configuration

Units are in the names: \`…_MS\`, \`…_SECONDS\`, \`…_BYTES\`. Patroni's settings (\`ttl\`, synchronous mode …) are in
[patroni/](../patroni/README.md), HAProxy's checks in [haproxy/](../haproxy/README.md), those of the fencing service in
[apps/fencing/](../apps/fencing/README.md#variables).

## The lab

\`.env\` holds these. \`scripts/lab up\` makes it, with random secrets, and adds what is missing to one that exists; it is never
committed. The environment goes before \`.env\`, \`.env\` before the default. The scripts read the file as Compose does: quotes, comments,
\`export\` and CRLF are not part of a value. Passwords that change reach a lab that exists with the next \`scripts/lab up\`.

${lab.join('\n\n')}

## The API

Checked at the start by [\`environment.schema.ts\`](../apps/api/src/config/environment.schema.ts), which lists every problem at once
and shows no value. The column "in the lab" is what \`docker-compose.yml\` sets; a name in capitals is a variable of \`.env\`.
To run an instance outside a container: [getting started](getting-started.md#the-api-outside-a-container).

${serviceTable(schema, composeEnvironment(compose))}
`;
}
