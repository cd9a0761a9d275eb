import { loadMasterConfigs, loadRunnerPools, poolOf } from '../src/config/index.ts';
import { fullSweep, isSingleNode } from '../src/matrix/index.ts';
import { loadRecipes, planSessions } from '../src/plan/index.ts';
const c='.github/configs/';
const pools=await loadRunnerPools(c+'runners.yaml');
const configs=await loadMasterConfigs([c+'nvidia-master.yaml',c+'amd-master.yaml']);
const entries=fullSweep(configs,pools).filter(isSingleNode);
const hw=(e:any)=>poolOf(e.runner,pools)!;
const recipes=await loadRecipes(entries.map(entry=>({entry,hardware:hw(entry)})));
const p=planSessions(entries,{recipes,hardwareOf:hw,launcherOf:()=>'slurm',sharing:'ranges'});
for(const s of p.sessions){
  if(!process.argv[2]||s.id.includes(process.argv[2])) console.log(s.id, s.server.args.filter(a=>/^\d+$/.test(a)).join(' '),'|',s.points.map(({entry:e,conc}:any)=>`tp${e.tp}ep${e.ep}${e['dp-attn']?'dpa':''}${e['spec-decoding']=='mtp'?'mtp':''} ${e.isl/1024}k${e.osl/1024}k c${conc}`).join(', '));
}
