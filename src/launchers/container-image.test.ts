import { expect, test } from 'vitest';
import { dockerImage, enrootImage, imageFileName } from './container-image.ts';

test.each([
  ['nvcr.io#nvidia/x/release:1.2', 'nvcr.io/nvidia/x/release:1.2', 'nvcr.io#nvidia/x/release:1.2'],
  ['nvcr.io/nvidia/x:1', 'nvcr.io/nvidia/x:1', 'nvcr.io#nvidia/x:1'],
  ['localhost:5000/x:1', 'localhost:5000/x:1', 'localhost:5000#x:1'],
  ['rocm/7.0:rocm7.0_vllm', 'rocm/7.0:rocm7.0_vllm', 'rocm/7.0:rocm7.0_vllm'],
  ['ubuntu', 'ubuntu', 'ubuntu'],
])('%s is %s to Docker and %s to enroot', (image, docker, enroot) => {
  expect(dockerImage(image)).toBe(docker);
  expect(enrootImage(image)).toBe(enroot);
});

test('an image as a file name has no separators', () => {
  expect(imageFileName('nvcr.io#nvidia/x:1')).toBe('nvcr.io_nvidia_x_1');
});
