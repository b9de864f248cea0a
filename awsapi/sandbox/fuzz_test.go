package sandbox

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Nobody gets in without a key, whatever is sent, and nothing breaks.
func FuzzStranger(f *testing.F) {
	f.Add("POST", "/sessions?profileArn=x", "AWS4-X509-RSA-SHA256 Credential=1/20261122/us-east-1/rolesanywhere/aws4_request, SignedHeaders=host;x-amz-date;x-amz-x509, Signature=00", "AAAA", `{"durationSeconds":900}`)
	f.Add("GET", "/trustanchors", "AWS4-HMAC-SHA256 Credential=A/20261122/us-east-1/rolesanywhere/aws4_request, SignedHeaders=host, Signature=00", "", "")
	f.Add("POST", "/", "AWS4-HMAC-SHA256 Credential=A/20261122/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00", "", "Action=ListRoles")
	f.Add("GET", "/", "", "", "")
	box := bare(f)
	f.Fuzz(func(t *testing.T, method, target, auth, cert, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Path == statusPath {
			return
		}
		r := &http.Request{Method: method, URL: u, Host: "127.0.0.1:9912", RemoteAddr: "127.0.0.1:1", Body: http.NoBody, Header: http.Header{
			"Authorization": {auth}, "X-Amz-X509": {cert}, "X-Amz-Date": {"20261122T120000Z"}, "Content-Type": {formType}}}
		r.Body = readCloser{strings.NewReader(body)}
		w := httptest.NewRecorder()
		box.ServeHTTP(w, r)
		if w.Code < 400 || w.Code == http.StatusInternalServerError {
			t.Errorf("%s %s: got %d %s", method, target, w.Code, w.Body)
		}
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// The administrator may send any parameters; the worst that comes back is a
// refusal.
func FuzzParameters(f *testing.F) {
	f.Add(0, `{"name":"lab","source":{"sourceType":"CERTIFICATE_BUNDLE","sourceData":{"x509CertificateData":"-----BEGIN CERTIFICATE-----"}}}`)
	f.Add(9, `{"name":"p","roleArns":[],"durationSeconds":1e300,"tags":[{"key":null}]}`)
	f.Add(18, `{"name":"c","crlData":"AAAA","trustAnchorArn":"arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/x"}`)
	box := bare(f)
	ops := rolesAnywhere().operations
	f.Fuzz(func(t *testing.T, which int, body string) {
		op := &ops[int(uint(which)%uint(len(ops)))]
		method, path, _ := strings.Cut(op.route, " ")
		if op.byCertificate {
			return
		}
		c := box.receive(httptest.NewRequest(method, "http://127.0.0.1"+path, nil), []byte(body), noon)
		c.op, c.caller = op, caller{keyID: box.state.Admin.AccessKeyID}
		if no := c.read(); no != nil {
			return
		}
		if _, no := op.do(c); no != nil && no.Status >= http.StatusInternalServerError && no.Status != http.StatusNotImplemented {
			t.Errorf("%s %s: got %v", op.name, body, no)
		}
	})
}

// FuzzObjects sends anything to S3 as the administrator: it may be refused, but
// nothing may break.
func FuzzObjects(f *testing.F) {
	f.Add("PUT", "/b/k", "", "hello", "")
	f.Add("GET", "/"+SampleBucket+"/k", "", "", "bytes=5-2")
	f.Add("POST", "/"+SampleBucket+"/k", "uploads", "", "")
	f.Add("POST", "/"+SampleBucket, "delete", "<Delete><Object><Key>a</Key></Object></Delete>", "")
	f.Add("GET", "/"+SampleBucket, "list-type=2&max-keys=-1&continuation-token=%3D", "", "")
	box := bare(f)
	f.Fuzz(func(t *testing.T, method, path, query, body, span string) {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
		r.Method, r.URL.Path, r.URL.RawQuery = method, path, query
		r.Header.Set("Range", span)
		c := box.receive(r, []byte(body), noon)
		c.service = s3()
		if no := c.choose(); no != nil {
			return
		}
		c.caller = caller{keyID: box.state.Admin.AccessKeyID}
		if no := c.read(); no != nil {
			return
		}
		if _, no := c.op.do(c); no != nil && no.Status >= http.StatusInternalServerError && no.Status != http.StatusNotImplemented {
			t.Errorf("%s %s?%s: got %v", method, path, query, no)
		}
	})
}

// FuzzChunks sends anything as a body in chunks: it is taken as long as it says
// it is, or refused.
func FuzzChunks(f *testing.F) {
	f.Add("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "5", "x-amz-checksum-crc32", false)
	f.Add("5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\n\r\n", "5", "", true)
	f.Add("ffffffff\r\n\r\n", "-1", ",", false)
	box := bare(f)
	f.Fuzz(func(t *testing.T, body, length, trailer string, signed bool) {
		r := httptest.NewRequest(http.MethodPut, "http://127.0.0.1/b/k", nil)
		r.Header.Set("X-Amz-Content-Sha256", map[bool]string{true: streamTrailed, false: streamOpen}[signed])
		r.Header.Set("X-Amz-Decoded-Content-Length", length)
		r.Header.Set("X-Amz-Trailer", trailer)
		c := box.receive(r, []byte(body), noon)
		c.service = s3()
		no := c.unchunk(authorization{date: "20261122", region: "us-east-1", service: "s3", signature: "00"}, "secret", noon)
		if no == nil && (signed || itoa(len(c.body)) != strings.TrimLeft(length, "+0") && len(c.body) > 0) {
			t.Errorf("%q: took %d bytes, signed: %v, said to be %s", body, len(c.body), signed, length)
		}
	})
}
