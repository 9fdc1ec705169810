"""A TLS peer in Python: one mutual handshake, as server or as client.

peer.py server CERT KEY CA VERSION | peer.py client CERT KEY CA VERSION ADDRESS NAME
"""

import socket
import ssl
import sys

role, cert, key, ca, version = sys.argv[1:6]
purpose = ssl.Purpose.CLIENT_AUTH if role == "server" else ssl.Purpose.SERVER_AUTH
context = ssl.create_default_context(purpose, cafile=ca)
context.verify_mode = ssl.CERT_REQUIRED
context.verify_flags |= ssl.VERIFY_X509_STRICT
context.load_cert_chain(cert, key)
context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3 if version == "TLSv1.3" else ssl.TLSVersion.TLSv1_2

if role == "server":
    listener = socket.create_server(("127.0.0.1", 0))
    print("127.0.0.1:%d" % listener.getsockname()[1], flush=True)
    connection, _ = listener.accept()
    with context.wrap_socket(connection, server_side=True) as secure:
        subject = dict(part[0] for part in secure.getpeercert()["subject"])
        secure.sendall(b"hello " + subject["commonName"].encode())
else:
    host, port = sys.argv[6].rsplit(":", 1)
    with context.wrap_socket(socket.create_connection((host, int(port))), server_hostname=sys.argv[7]) as secure:
        while data := secure.recv(4096):
            print(data.decode(), end="")
