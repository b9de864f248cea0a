package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// serve answers every CreateSession on loopback with the same session, of the
// size that AWS's have, and returns its base URL.
func serve() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	token := make([]byte, 900)
	for i := range token {
		token[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i%26]
	}
	answer := fmt.Appendf(nil, `{"credentialSet":[{"assumedRoleUser":{"arn":"arn:aws:sts::000000000000:assumed-role/bench/01","assumedRoleId":"AROABENCH:01"},`+
		`"credentials":{"accessKeyId":"ASIABENCH","secretAccessKey":"bench","sessionToken":"%s","expiration":"%s"},`+
		`"packedPolicySize":41,"roleArn":"%s","sourceIdentity":"CN=bench"}],"subjectArn":"arn:aws:rolesanywhere:us-east-1:000000000000:subject/01"}`,
		token, time.Now().Add(time.Hour).UTC().Format(time.RFC3339), roleARN)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		w.Write(answer)
	}))
	return "http://" + listener.Addr().String(), nil
}
