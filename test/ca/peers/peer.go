// A TLS peer in Go: one mutual handshake, as server or as client.
// peer server CERT KEY CA VERSION | peer client CERT KEY CA VERSION ADDRESS NAME
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"os"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	log.SetFlags(0)
	pair, err := tls.LoadX509KeyPair(os.Args[2], os.Args[3])
	check(err)
	roots, err := os.ReadFile(os.Args[4])
	check(err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(roots) {
		log.Fatal("no roots")
	}
	version := uint16(tls.VersionTLS12)
	if os.Args[5] == "TLSv1.3" {
		version = tls.VersionTLS13
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: version, MaxVersion: version}
	if os.Args[1] == "server" {
		listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
		check(err)
		fmt.Println(listener.Addr().(interface{ String() string }).String())
		connection, err := listener.Accept()
		check(err)
		secure := connection.(*tls.Conn)
		check(secure.Handshake())
		fmt.Fprintf(secure, "hello %s", secure.ConnectionState().PeerCertificates[0].Subject.CommonName)
		check(secure.Close())
		return
	}
	config.ServerName = os.Args[7]
	connection, err := tls.Dial("tcp", os.Args[6], config)
	check(err)
	text, err := io.ReadAll(connection)
	check(err)
	fmt.Print(string(text))
}
