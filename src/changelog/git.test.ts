import { expect, test } from 'vitest';
import { fileAtRef } from './git.ts';

test.each(['/etc/changelog.yaml', '../changelog.yaml', 'a/../../changelog.yaml'])(
  '%s is rejected as outside the repository, before git runs',
  async (path) => {
    await expect(fileAtRef('/no/repository', 'main', path)).rejects.toThrow(
      `${path} is outside the repository /no/repository`,
    );
  },
);
