/** Every pattern there is, stack by stack. */
import type { Pattern } from './pattern.js';
import { android } from './stacks/android.js';
import { apple } from './stacks/apple.js';
import { bouncycastle } from './stacks/bouncycastle.js';
import { chromium } from './stacks/chromium.js';
import { curl } from './stacks/curl.js';
import { databases } from './stacks/databases.js';
import { erlang } from './stacks/erlang.js';
import { gnutls } from './stacks/gnutls.js';
import { gnutlsPrograms } from './stacks/gnutls-programs.js';
import { go } from './stacks/go.js';
import { goFiles } from './stacks/go-files.js';
import { java } from './stacks/java.js';
import { javaKeystores } from './stacks/java-keystores.js';
import { kubernetes } from './stacks/kubernetes.js';
import { mbedtls } from './stacks/mbedtls.js';
import { node } from './stacks/node.js';
import { nss } from './stacks/nss.js';
import { openssl } from './stacks/openssl.js';
import { opensslPrograms } from './stacks/openssl-programs.js';
import { opensslReasons } from './stacks/openssl-reasons.js';
import { opensslVerify } from './stacks/openssl-verify.js';
import { ownFiles } from './stacks/own-files.js';
import { products } from './stacks/products.js';
import { proxies } from './stacks/proxies.js';
import { python } from './stacks/python.js';
import { rustls } from './stacks/rustls.js';
import { transport } from './stacks/transport.js';
import { windows } from './stacks/windows.js';
import { winhttp } from './stacks/winhttp.js';
import { wolfssl } from './stacks/wolfssl.js';

export const PATTERNS: readonly Pattern[] = [
  ...opensslVerify,
  ...openssl,
  ...opensslReasons,
  ...opensslPrograms,
  ...go,
  ...goFiles,
  ...java,
  ...javaKeystores,
  ...android,
  ...bouncycastle,
  ...node,
  ...python,
  ...rustls,
  ...gnutls,
  ...gnutlsPrograms,
  ...nss,
  ...chromium,
  ...windows,
  ...winhttp,
  ...apple,
  ...mbedtls,
  ...wolfssl,
  ...erlang,
  ...curl,
  ...databases,
  ...proxies,
  ...kubernetes,
  ...products,
  ...ownFiles,
  ...transport,
];
