import java.io.FileInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.*;

/** A TLS peer in Java: one mutual handshake. Peer server KEYSTORE TRUSTSTORE PASSPHRASE-FILE VERSION | Peer client ... VERSION HOST:PORT NAME */
public class Peer {
    static KeyStore load(String file, char[] passphrase) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(file)) {
            store.load(in, passphrase);
        }
        return store;
    }

    public static void main(String[] args) throws Exception {
        char[] passphrase = Files.readString(Path.of(args[3])).trim().toCharArray();
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(load(args[1], passphrase), passphrase);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(load(args[2], passphrase));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        if (args[0].equals("server")) {
            SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
            listener.setNeedClientAuth(true);
            listener.setEnabledProtocols(new String[] {args[4]});
            System.out.println("127.0.0.1:" + listener.getLocalPort());
            try (SSLSocket socket = (SSLSocket) listener.accept()) {
                socket.startHandshake();
                X509Certificate peer = (X509Certificate) socket.getSession().getPeerCertificates()[0];
                String name = peer.getSubjectX500Principal().getName().replaceAll(".*CN=([^,]*).*", "$1");
                socket.getOutputStream().write(("hello " + name).getBytes(StandardCharsets.UTF_8));
            }
            return;
        }
        String[] address = args[5].split(":");
        java.net.Socket plain = new java.net.Socket(address[0], Integer.parseInt(address[1]));
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, args[6], plain.getPort(), true)) {
            socket.setEnabledProtocols(new String[] {args[4]});
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            System.out.print(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
