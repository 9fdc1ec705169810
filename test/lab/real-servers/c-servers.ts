import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificatesIn } from '../../../src/lib/lab/pem-list.js';
import { freePort, type RealServerKind, startProgram } from './real-server.js';

/** Servers written in C, each with the configuration its manual shows. */

export const opensslServer: RealServerKind = {
  name: 'openssl s_server',
  revokes: true,
  needs: ['openssl'],
  start: async ({ directory, chain, key, version, clientCa, crl }) => {
    const port = await freePort();
    mkdirSync(directory, { recursive: true });
    const rest = join(directory, 'rest.crt');
    const others = certificatesIn(readFileSync(chain, 'utf8')).slice(1);
    writeFileSync(rest, others.join(''));
    return startProgram(
      'openssl',
      [
        's_server',
        '-accept',
        `127.0.0.1:${port}`,
        '-cert',
        chain,
        '-key',
        key,
        '-www',
        '-quiet',
        ...(others.length > 0 ? ['-cert_chain', rest] : []),
        version === 'TLSv1.3' ? '-tls1_3' : '-tls1_2',
        ...(clientCa === undefined ? [] : ['-Verify', '5', '-verify_return_error', '-CAfile', clientCa]),
        ...(crl === undefined ? [] : ['-CRL', crl, '-crl_check']),
      ],
      port,
    );
  },
};

export const nginx: RealServerKind = {
  name: 'nginx',
  revokes: true,
  needs: ['nginx'],
  start: async ({ directory, chain, key, version, clientCa, crl }) => {
    const port = await freePort();
    mkdirSync(directory, { recursive: true });
    const config = join(directory, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${directory}/${name};`)
      .join(' ');
    writeFileSync(
      config,
      `daemon off; master_process off; pid ${directory}/pid; error_log stderr info;
events { worker_connections 64; }
http { access_log off; ${temporary}
  server { listen 127.0.0.1:${port} ssl; ssl_certificate ${chain}; ssl_certificate_key ${key}; ssl_protocols ${version};
    ${clientCa === undefined ? '' : `ssl_verify_client on; ssl_client_certificate ${clientCa}; ssl_verify_depth 4;${crl === undefined ? '' : ` ssl_crl ${crl};`}`}
    location / { return 200 "ok"; } } }
`,
    );
    return startProgram('nginx', ['-c', config, '-p', directory, '-e', 'stderr'], port);
  },
};

export const haproxy: RealServerKind = {
  name: 'haproxy',
  revokes: true,
  needs: ['haproxy'],
  start: async ({ directory, chain, key, version, clientCa, crl }) => {
    const port = await freePort();
    mkdirSync(directory, { recursive: true });
    const both = join(directory, 'both.pem');
    writeFileSync(both, readFileSync(chain, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
    const config = join(directory, 'haproxy.cfg');
    writeFileSync(
      config,
      `global
  tune.ssl.default-dh-param 2048
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend f
  bind 127.0.0.1:${port} ssl crt ${both} ssl-min-ver ${version} ssl-max-ver ${version}${clientCa === undefined ? '' : ` ca-file ${clientCa} verify required${crl === undefined ? '' : ` crl-file ${crl}`}`}
  http-request return status 200 content-type text/plain string ok
`,
    );
    return startProgram('haproxy', ['-db', '-f', config], port);
  },
};

export const apache: RealServerKind = {
  name: 'apache',
  revokes: true,
  needs: ['apache2'],
  start: async ({ directory, chain, key, version, clientCa, crl }) => {
    const port = await freePort();
    mkdirSync(join(directory, 'root'), { recursive: true });
    writeFileSync(join(directory, 'root', 'index.html'), 'ok\n');
    const config = join(directory, 'apache.conf');
    const modules = ['mpm_event', 'ssl', 'authz_core', 'dir', 'socache_shmcb']
      .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
      .join('\n');
    writeFileSync(
      config,
      `ServerRoot ${directory}
ServerName localhost
PidFile ${directory}/pid
DefaultRuntimeDir ${directory}
ErrorLog ${directory}/error.log
Listen 127.0.0.1:${port}
${modules}
DocumentRoot ${directory}/root
DirectoryIndex index.html
SSLEngine on
SSLCertificateFile ${chain}
SSLCertificateKeyFile ${key}
SSLProtocol -all +${version}
${clientCa === undefined ? '' : `SSLVerifyClient require\nSSLVerifyDepth 4\nSSLCACertificateFile ${clientCa}`}
${crl === undefined ? '' : `SSLCARevocationCheck leaf\nSSLCARevocationFile ${crl}`}
`,
    );
    return startProgram('apache2', ['-D', 'FOREGROUND', '-f', config], port);
  },
};

export const gnutlsServer: RealServerKind = {
  name: 'gnutls-serv',
  needs: ['gnutls-serv'],
  start: async ({ directory, chain, key, version, clientCa }) => {
    const port = await freePort();
    mkdirSync(directory, { recursive: true });
    return startProgram(
      'gnutls-serv',
      [
        '--http',
        '--quiet',
        '-p',
        String(port),
        '--x509certfile',
        chain,
        '--x509keyfile',
        key,
        '--priority',
        `NORMAL:-VERS-ALL:+VERS-TLS${version.slice(4)}`,
        ...(clientCa === undefined
          ? ['--disable-client-cert']
          : ['--x509cafile', clientCa, '--require-client-cert', '--verify-client-cert']),
      ],
      port,
    );
  },
};
