import { expect, test } from 'vitest';
import {
  containerImageFault,
  dockerImage,
  enrootImage,
  hasVersion,
  imageFileName,
} from './container-image.ts';

test.each([
  ['nvcr.io#nvidia/x/release:1.2', 'nvcr.io/nvidia/x/release:1.2', 'nvcr.io#nvidia/x/release:1.2'],
  ['nvcr.io/nvidia/x:1', 'nvcr.io/nvidia/x:1', 'nvcr.io#nvidia/x:1'],
  ['localhost:5000/x:1', 'localhost:5000/x:1', 'localhost:5000#x:1'],
  ['rocm/7.0:rocm7.0_vllm', 'rocm/7.0:rocm7.0_vllm', 'rocm/7.0:rocm7.0_vllm'],
  ['ubuntu', 'ubuntu', 'ubuntu'],
])('image %s is %s in Docker’s form and %s in enroot’s', (image, docker, enroot) => {
  expect(containerImageFault(image)).toBeUndefined();
  expect(dockerImage(image)).toBe(docker);
  expect(enrootImage(image)).toBe(enroot);
});

test('the file name of an image has no path separators', () => {
  expect(imageFileName('nvcr.io#nvidia/x:1')).toBe('nvcr.io_nvidia_x_1');
});

test.each(['./venv', '../venv', '/venv', '.', 'UPPER/x', 'a b', 'x:', 'npm:x@1', ''])(
  '%j is not a container image',
  (image) => {
    expect(containerImageFault(image)?.message).toContain(`image '${image}' is`);
    expect(hasVersion(image)).toBe(false);
  },
);

test('a tag or a digest is a version; the port of a registry is not', () => {
  const images = ['x:1', `x@sha256:${'0'.repeat(64)}`, 'localhost:5000/x', 'x'];
  expect(images.map(hasVersion)).toEqual([true, true, false, false]);
});
