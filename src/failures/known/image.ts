import { hiddenUnlessBroken } from './hidden.ts';
import type { KnownFailure } from './row.ts';

/** Parts of an image that do not match each other, the GPU, or the node's driver. */
export const image: readonly KnownFailure[] = [
  {
    pattern:
      /driver on your system is too old|kernel driver .{0,30}is too old|(?:CUDA|HIP|ROCm) driver version is insufficient|Error 803\b|Error 804\b|forward compatibility was attempted|unsupported display driver|unsatisfied condition: (?:cuda|driver|brand|arch)|unsupported (?:PTX|toolchain)|UnsupportedPtxVersion|built for NVIDIA Driver Release|requires? (?:NVIDIA )?driver (?:version )?(?:>=|\d|at least|or (?:later|newer))|please (?:update|upgrade) your (?:GPU|NVIDIA|AMD) driver|cuda>=\d/i,
    meaning: 'the driver of the node does not fit the image: it is too old for the CUDA or ROCm in it',
    todo: 'update the driver of the node, or use an image that is built for an older CUDA or ROCm',
    failureClass: 'node-unfit',
  },
  {
    pattern: /libcuda\.so\.1: cannot open|libnvidia-ml\.so\.1: cannot open|libamdhip64\.so\S*: cannot open/,
    meaning: 'the engine sees no GPU: the libraries of the driver are not in its container',
    todo: 'check the container runtime and the devices given to it: nvidia-ctk, --gpus all, /dev/kfd',
    failureClass: hiddenUnlessBroken,
  },
  {
    pattern: /GLIBC(?:XX)?_\d[\d.]*'? ?not found|CXXABI_\d[\d.]*'? ?not found|version `?(?:GLIBC|CXXABI)/,
    meaning: 'the system’s C library (glibc) is too old for the engine, which was built against a newer one',
    todo: 'use a container image, or an engine that is built for this distribution',
    failureClass: 'image-unfit',
  },
  {
    pattern: /cannot open shared object file/,
    meaning: 'a library that the engine needs is not in the image',
    todo: 'use an image that has it in the version named in the line',
    failureClass: 'image-unfit',
  },
  {
    pattern:
      /undefined symbol|symbol lookup error|version mismatch.*(?:cubin|flashinfer|torch|triton|transformers)|(?:cubin|flashinfer|torch|triton|transformers)\S*.*version.*(?:mismatch|does not match)|compiled (?:using|with|against) (?:NumPy|a different|another)|numpy\.\w+\.multiarray failed to import|was built (?:with|for|against) (?:a different |another )?(?:CUDA|ROCm|PyTorch|torch)|binary incompatib|module compiled against (?:API|ABI)/i,
    meaning: 'libraries in the image are incompatible: one was built against another version',
    todo: 'use another version of the image, or reinstall the engine with the versions that it requires',
    failureClass: 'image-unfit',
  },
  {
    pattern:
      /ptxas (?:fatal|error)|is not defined for option 'gpu-name'|nvrtc: error: invalid value for --gpu-architecture|[Uu]nsupported gpu architecture|no kernel image is available|kernel image is invalid|invalid device function|is not compatible with the current PyTorch|hipErrorNoBinaryForGpu|No compatible code objects|TensileLibrary\S* for GPU arch|Cannot read \S*TensileLibrary|not a supported (?:gfx|GPU) (?:arch|target)|ARCH_MISMATCH|(?:sm_\d+a?|gfx\d+\w*) is not (?:a )?(?:supported|recognized)|Could not load any common_ops library|LLVM ERROR: Cannot select|Unsupported conversion from f/,
    meaning: 'the image does not fit this GPU: its compiler or kernels do not know it',
    todo: 'use an image that is built for this GPU (a newer CUDA, Triton or ROCm)',
    failureClass: 'image-unfit',
  },
  {
    pattern:
      /Could not find nvcc|nvcc: (?:command )?not found|CUDA_HOME (?:environment variable )?is not set|No such file or directory: '[^']*(?:nvcc|ninja|gcc|g\+\+|hipcc|clang)'|ninja: (?:command )?not found|Ninja is required|Failed to find C compiler|(?:gcc|g\+\+|cc|c\+\+|hipcc): (?:command )?not found|fatal error: \S+\.h: No such file|Error (?:building|compiling) extension|ninja: build stopped|cannot find -l(?:cuda|cudart|python)|Failed to (?:build|compile) (?:extension|kernel|module|JIT)|hipcc.*(?:failed|error)|(?:NVCC|NVRTC|nvcc|nvrtc|JIT) compilation failed|\[aiter\] build .*failed/,
    meaning:
      'the engine compiles kernels at startup, but the image lacks a compiler or part of the CUDA toolkit (nvcc), or the compilation fails',
    todo: 'use an image with the CUDA or ROCm toolkit, or with prebuilt kernels',
    failureClass: 'image-unfit',
  },
  {
    pattern:
      /not compiled with (?:CUDA|ROCm|HIP)|Torch not compiled with|built without (?:CUDA|ROCm|GPU)|no usable GPU found.*without/i,
    meaning: 'the image does not fit this GPU: the engine was built without it',
    todo: 'use the image of this vendor’s GPUs',
    failureClass: 'image-unfit',
  },
  {
    pattern:
      /exec format error|no matching manifest for|does not match the (?:detected|specified) host platform.*(?:fail|error)|wrong ELF class/i,
    meaning: 'the image is for another processor architecture than the node’s',
    todo: 'use the image for this architecture (x86_64 or aarch64)',
    failureClass: 'image-unfit',
  },
  {
    pattern:
      /executable file not found in \$?PATH|: command not found|exec: "?[^"]+"?: (?:stat|no such file)|the image has no command|Slurmd could not execve|execve\(\): \S+: No such file|No module named|ModuleNotFoundError|cannot import name|ImportError: (?=\S)(?!.*undefined symbol)|failed to execute: \S+: No such file|requires (?:the following )?packages? that were not found|Please (?:upgrade|update|install) (?:your )?(?:transformers|\S+ package)|pip install (?:-U |--upgrade )?\S+/,
    meaning:
      'the image lacks a program or Python package that the recipe or the model needs, or has the wrong version',
    todo: 'use an image that has it in the required version',
    failureClass: 'image-unfit',
  },
  {
    pattern:
      /OutOfResources\b|out of resources?: (?:shared memory|threads|registers)|too many resources requested for launch/,
    meaning: 'a kernel of the image needs more registers or shared memory than this kind of GPU has',
    todo: 'use another version of the image, or another backend in the recipe',
    failureClass: 'image-unfit',
  },
  {
    pattern: /[Ii]llegal instruction/,
    meaning: 'the engine was built for a newer processor than the node has',
    todo: 'use an image that is built for this processor',
    failureClass: 'image-unfit',
  },
];
