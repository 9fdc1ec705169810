import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../../lib/cli/base-command.js';
import { sharedFlags } from '../../lib/cli/flags.js';
import { mergeResults } from '../../lib/operations/preflight/merge-results.js';
import { savePreflightReports } from '../../lib/operations/preflight/save-reports.js';
import { renderPreflight } from '../../lib/report/preflight-text.js';

export default class PreflightMerge extends TlsmedicCommand {
  static override summary = 'fold the results of several runs or shards into one report';
  static override description =
    `Reads the NDJSON that \`tlsmedic preflight --json\` writes, in any order; the latest result of a target counts. A line that was cut off by a
killed run is left out and named.`;
  static override examples = [
    { description: 'the shards of a fleet', command: 'tlsmedic preflight merge part*.ndjson' },
    {
      description: 'from the pods of a Kubernetes Job',
      command: 'kubectl logs -l job-name=tlsmedic-sweep --tail=-1 | tlsmedic preflight merge -',
    },
  ];
  static override strict = false;
  static override args = { file: Args.string({ description: 'NDJSON of a run (- for standard input); several at once', required: true }) };
  static override flags = {
    junit: Flags.string({ helpValue: 'FILE', description: 'write JUnit XML' }),
    sarif: Flags.string({ helpValue: 'FILE', description: 'write SARIF 2.1.0' }),
    gitlab: Flags.string({ helpValue: 'FILE', description: 'write a GitLab code quality report' }),
    'shared-certificates': Flags.string({
      options: ['allow', 'forbid'],
      default: 'allow',
      description: 'whether two targets may serve one certificate or key',
    }),
    unchecked: Flags.string({
      options: ['fail', 'allow'],
      default: 'fail',
      description: 'whether what could not be checked fails the run',
    }),
    verbose: sharedFlags.verbose,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(PreflightMerge);
    const report = await mergeResults(argv as string[], {
      sharedCertificates: flags['shared-certificates'] === 'forbid' ? 'forbid' : 'allow',
      unchecked: flags.unchecked === 'allow' ? 'allow' : 'fail',
    });
    savePreflightReports(report, { junit: flags.junit, sarif: flags.sarif, gitlab: flags.gitlab });
    this.finish({ document: report, render: (view) => renderPreflight(report, view), exitStatus: report.exitStatus });
  }
}
