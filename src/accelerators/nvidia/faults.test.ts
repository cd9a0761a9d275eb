import { expect, test } from 'vitest';
import { faultsIn } from './faults.ts';

/** The output of `nvidia-smi -q`, without the parts that are not read. */
const report = ({
  ecc = '0',
  pending = 'No',
  failed = 'No',
  state = 'Completed',
  status = 'Success',
  action = 'None',
} = {}) => `
==============NVSMI LOG==============

Timestamp                                 : Fri Nov 27 03:00:00 2026
Driver Version                            : 570.124.06
Attached GPUs                             : 2
GPU 00000000:1B:00.0
    Product Name                          : NVIDIA H200
    GPU Recovery Action                   : None
    ECC Errors
        Volatile
            SRAM Correctable              : 0
            SRAM Uncorrectable Parity     : 0
            DRAM Uncorrectable            : 0
    Remapped Rows
        Correctable Error                 : 0
        Pending                           : No
        Remapping Failure Occurred        : No
    Fabric
        State                             : Completed
        Status                            : Success
GPU 00000000:4E:00.0
    Product Name                          : NVIDIA H200
    GPU Recovery Action                   : ${action}
    ECC Errors
        Volatile
            SRAM Correctable              : 3
            DRAM Uncorrectable            : ${ecc}
        Aggregate
            DRAM Uncorrectable            : 9
    Remapped Rows
        Correctable Error                 : 0
        Pending                           : ${pending}
        Remapping Failure Occurred        : ${failed}
    Fabric
        State                             : ${state}
        Status                            : ${status}
    Processes                             : None
`;

test('a healthy report has no faults, nor has one of a GPU without these parts', () => {
  expect(faultsIn(report())).toEqual([]);
  expect(faultsIn(report({ ecc: 'N/A', state: 'N/A', status: 'N/A', action: 'N/A' }))).toEqual([]);
  expect(faultsIn('')).toEqual([]);
});

test.each([
  [{ ecc: '2' }, 'uncorrectable ECC', false],
  [{ pending: 'Yes' }, 'pending remapping', false],
  [{ failed: 'Yes' }, 'could not remap', false],
  [{ state: 'In Progress', status: 'N/A' }, 'NVLink fabric', true],
  [{ status: 'Insufficient Resources' }, 'NVLink fabric', true],
  [{ action: 'GPU Reset' }, 'recovery: GPU Reset', true],
])('%j is a fault of that GPU: %s', (changes, says, stopsEngines) => {
  const faults = faultsIn(report(changes));
  expect(faults).toMatchObject([{ stopsEngines, message: expect.stringContaining(says) }]);
  expect(faults[0]?.message).toMatch(/^GPU 1 /);
});
