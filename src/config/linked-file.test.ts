import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { readYamlAs } from './yaml-file.ts';

let base: string;
let configs: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'linked-file-'));
  configs = join(base, 'repository', 'configs');
  await mkdir(configs, { recursive: true });
  await mkdir(join(base, 'repository', '.git'));
  await writeFile(join(base, 'private.yaml'), 'password: planted-secret\nplanted-key: 1\n');
  await writeFile(join(base, 'broken.yaml'), 'planted-secret: [\n');
  await writeFile(join(base, 'good.yaml'), 'model: m\n');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const schema = z.strictObject({ model: z.string() });
const read = async (file: string) => await readYamlAs(file, schema).catch((error: unknown) => String(error));

test('of a file outside the repository nothing is shown, whatever is linked to it', async () => {
  await symlink(base, join(configs, 'folder'));
  for (const name of ['private.yaml', 'broken.yaml']) {
    await symlink(join(base, name), join(configs, name));
    for (const file of [join(configs, name), join(configs, 'folder', name)]) {
      const said = String(await read(file));
      expect(said).toContain('is a link to a file outside the repository');
      expect(said.replaceAll(file, '')).not.toContain('planted');
    }
  }
});

test('a link within a repository is read, and one outside of any; a good file is good, wherever it is', async () => {
  await writeFile(join(configs, 'wrong.yaml'), 'mode: m\n');
  await symlink('wrong.yaml', join(configs, 'linked.yaml'));
  expect(await read(join(configs, 'linked.yaml'))).toContain("unknown field 'mode'");
  await symlink(join(base, 'private.yaml'), join(base, 'alias.yaml'));
  expect(await read(join(base, 'alias.yaml'))).toContain("unknown field 'planted-key'");
  await symlink(join(base, 'good.yaml'), join(configs, 'good.yaml'));
  expect(await read(join(configs, 'good.yaml'))).toMatchObject({ data: { model: 'm' } });
});
