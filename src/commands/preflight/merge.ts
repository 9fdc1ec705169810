import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { TlsmedicCommand } from '../../lib/cli/base-command.js';
import { sharedFlags } from '../../lib/cli/flags.js';
import { mergeResults } from '../../lib/operations/preflight/merge-results.js';
import { savePreflightReports } from '../../lib/operations/preflight/save-reports.js';
import { renderGithubAnnotations } from '../../lib/report/github-actions.js';
import { renderPreflight } from '../../lib/report/preflight-text.js';

export default class PreflightMerge extends TlsmedicCommand {
  static override summary = 'fold the results of several runs or shards into one report';
  static override description =
    `Reads the NDJSON that \`tlsmedic preflight --json\` writes, in any order; the latest result of a target counts. A run that did not come to its end, a
shard that is not there or a result that is missing is named, and the report is not green without it.`;
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
    prometheus: Flags.string({ helpValue: 'FILE', description: "write metrics for node_exporter's textfile collector" }),
    'shared-certificates': Flags.string({
      options: ['allow', 'forbid'],
      description: 'whether two services may have one certificate or key (default: as the runs were told)',
    }),
    unchecked: Flags.string({
      options: ['fail', 'allow'],
      description: 'whether what could not be checked fails the run (default: as the runs were told)',
    }),
    verbose: sharedFlags.verbose,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(PreflightMerge);
    const report = await mergeResults(argv as string[], {
      ...(flags['shared-certificates'] === undefined ? {} : { sharedCertificates: flags['shared-certificates'] as 'allow' | 'forbid' }),
      ...(flags.unchecked === undefined ? {} : { unchecked: flags.unchecked as 'fail' | 'allow' }),
    });
    if (process.env.GITHUB_ACTIONS === 'true')
      for (const line of renderGithubAnnotations(report, undefined)) process.stderr.write(`${line}\n`);
    this.finish({ document: report, render: (view) => renderPreflight(report, view), exitStatus: report.exitStatus });
    savePreflightReports(report, {
      junit: flags.junit,
      sarif: flags.sarif,
      gitlab: flags.gitlab,
      prometheus: flags.prometheus,
      githubSummary: process.env.GITHUB_STEP_SUMMARY,
    });
  }
}
