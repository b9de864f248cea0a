package sandbox

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// documented is AWS's own example of an upload in chunks: 65 KiB of the letter a
// with the credentials of its documentation, on 24 May 2013.
type documented struct {
	hash, signedHeaders, seed string
	chunks                    [3]string // signatures of 64 KiB, 1 KiB and nothing
	trailer, trailerSignature string
	blank                     bool // a blank line before the trailer
}

// inDocumentation are the examples with the signatures that AWS computed.
func inDocumentation() map[string]documented {
	trailed := documented{
		hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", signedHeaders: "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
		seed: "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
		chunks: [3]string{"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
			"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"},
		trailer: "x-amz-checksum-crc32c:sOO8/Q==", trailerSignature: "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
	}
	spaced := trailed
	spaced.blank = true
	return map[string]documented{
		// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
		"signed chunks": {
			hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", signedHeaders: "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
			seed: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
			chunks: [3]string{"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
				"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"},
		},
		// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
		"signed chunks and a signed trailer":                  trailed,
		"signed chunks, a blank line and then signed trailer": spaced,
	}
}

func (d documented) body() string {
	var b strings.Builder
	for i, size := range []int{65536, 1024, 0} {
		fmt.Fprintf(&b, "%x;chunk-signature=%s\r\n%s", size, d.chunks[i], strings.Repeat("a", size))
		if size > 0 || d.trailer == "" || d.blank {
			b.WriteString("\r\n")
		}
	}
	if d.trailer != "" {
		b.WriteString(d.trailer + "\r\nx-amz-trailer-signature:" + d.trailerSignature + "\r\n\r\n")
	}
	return b.String()
}

// put sends the example with a body as a server would have it.
func (d documented) put(w *world, body string) (*call, *refusal) {
	r := httptest.NewRequest(http.MethodPut, "/examplebucket/chunkObject.txt", strings.NewReader(body))
	r.Host = "s3.amazonaws.com"
	for name, value := range map[string]string{"X-Amz-Date": "20130524T000000Z", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY", "X-Amz-Content-Sha256": d.hash,
		"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "66560"} {
		r.Header.Set(name, value)
	}
	if name, _, ok := strings.Cut(d.trailer, ":"); ok {
		r.Header.Set("X-Amz-Trailer", name)
	}
	if d.trailer == "" {
		r.ContentLength = 66824 // it is signed; tampering does not tell by it
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="+d.signedHeaders+",Signature="+d.seed)
	c := w.box.receive(r, []byte(body), w.now)
	if no := c.choose(); no != nil {
		return c, no
	}
	_, no := c.carryOut()
	return c, no
}

func documentedWorld(t *testing.T) *world {
	w := newWorld(t)
	w.now = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	w.s3("PUT", "/examplebucket", nil).want(t, 200)
	w.box.state.Admin = Keys{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	return w
}

func TestAWSsOwnUploadsInChunksAreTaken(t *testing.T) {
	for name, d := range inDocumentation() {
		t.Run(name, func(t *testing.T) {
			w := documentedWorld(t)
			if _, no := d.put(w, d.body()); no != nil {
				t.Fatalf("got %v, want it taken", no)
			}
			got := w.s3("GET", "/examplebucket/chunkObject.txt", nil).want(t, 200)
			if string(got.body) != strings.Repeat("a", 66560) || got.header.Get("Content-Encoding") != "" {
				t.Errorf("got %d bytes, encoding %q; want the object without its chunks", len(got.body), got.header.Get("Content-Encoding"))
			}
		})
	}
}

func TestUploadsInChunksAreCheckedToTheLast(t *testing.T) {
	all := inDocumentation()
	plain, trailed := all["signed chunks"], all["signed chunks and a signed trailer"]
	mismatch := "SignatureDoesNotMatch"
	tests := map[string]struct {
		of       documented
		old, new string
		want     string
	}{
		"a byte of the first chunk":           {plain, "\r\naaaa", "\r\nabaa", mismatch},
		"a byte of the second chunk":          {plain, "497\r\na", "497\r\nb", mismatch},
		"the signature of the first chunk":    {plain, "ad80", "ad81", mismatch},
		"the signature of the second chunk":   {plain, "0055", "0056", mismatch},
		"the signature of the empty chunk":    {plain, "b6c6", "b6c7", mismatch},
		"no signature":                        {plain, ";chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", "", mismatch},
		"a chunk that says it is longer":      {plain, "\r\n400;", "\r\n401;", mismatch},
		"no empty chunk":                      {plain, "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n", "\r\n", "IncompleteBody"},
		"a chunk that never ends":             {plain, "\r\n400;", "\r\n4000000;", "IncompleteBody"},
		"a size that is no number":            {plain, "10000;", "-1;", "IncompleteBody"},
		"something after the end":             {plain, "449df9\r\n\r\n", "449df9\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "MalformedTrailerError"},
		"a sum in the trailer":                {trailed, "sOO8", "sOO9", mismatch},
		"the signature of the trailer":        {trailed, "d81f", "d82f", mismatch},
		"no signature of the trailer":         {trailed, "x-amz-trailer-signature:" + trailed.trailerSignature + "\r\n", "", mismatch},
		"no trailer":                          {trailed, "x-amz-checksum-crc32c:sOO8/Q==\r\n", "", "MalformedTrailerError"},
		"another trailer than announced":      {trailed, "crc32c:", "crc32:", "MalformedTrailerError"},
		"a trailer that is no sum":            {trailed, "x-amz-checksum-crc32c:", "x-amz-copy-source:", "MalformedTrailerError"},
		"a byte of a chunk before a trailer":  {trailed, "\r\naaaa", "\r\nabaa", mismatch},
		"the chunks of another upload":        {trailed, trailed.chunks[0], plain.chunks[0], mismatch},
		"a trailer that is not name and text": {trailed, "x-amz-checksum-crc32c:sOO8/Q==", "sum", "MalformedTrailerError"},
	}
	w := documentedWorld(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body := strings.Replace(tt.of.body(), tt.old, tt.new, 1)
			if body == tt.of.body() {
				t.Fatal("nothing is changed")
			}
			if _, no := tt.of.put(w, body); no == nil || no.Code != tt.want {
				t.Errorf("got %v, want %s", no, tt.want)
			}
		})
	}
	w.s3("GET", "/examplebucket/chunkObject.txt", nil).want(t, 404)
}

// The digits one to nine and their sums, from the catalogue of CRC algorithms
// (check values) and from sha1sum and sha256sum.
// Source: https://reveng.sourceforge.io/crc-catalogue/all.htm
func TestEverySumIsChecked(t *testing.T) {
	w := newWorld(t)
	for name, digits := range map[string]string{
		"crc32": "cbf43926", "crc32c": "e3069283", "crc64nvme": "ae8b14860a799888", "sha1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
		"sha256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
	} {
		raw, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		header, good := "x-amz-checksum-"+name, base64.StdEncoding.EncodeToString(raw)
		raw[0] ^= 1
		bad := base64.StdEncoding.EncodeToString(raw)
		trailed := func(sum string) reply {
			return w.s3("PUT", "/"+SampleBucket+"/in-chunks", []byte("9\r\n123456789\r\n0\r\n"+header+":"+sum+"\r\n\r\n"), "X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
				"X-Amz-Trailer", header, "X-Amz-Decoded-Content-Length", "9", "Content-Encoding", "br,aws-chunked")
		}
		whole := func(sum string) reply {
			return w.s3("PUT", "/"+SampleBucket+"/whole", []byte("123456789"), header, sum)
		}
		want := "The " + strings.ToUpper(name) + " you specified did not match the calculated checksum."
		trailed(bad).refused(t, 400, "BadDigest", want)
		whole(bad).refused(t, 400, "BadDigest", want)
		for _, put := range []reply{trailed(good).want(t, 200), whole(good).want(t, 200)} {
			if sum := put.header.Get(header); sum != good {
				t.Errorf("%s: got %q, want it told back", name, sum)
			}
		}
		got := w.s3("GET", "/"+SampleBucket+"/in-chunks", nil).want(t, 200)
		if string(got.body) != "123456789" || got.header.Get("Content-Encoding") != "br" {
			t.Errorf("got %q, encoding %q, want the object without its chunks", got.body, got.header.Get("Content-Encoding"))
		}
	}
}

func TestChunksAreAsLongAsTheySay(t *testing.T) {
	w := newWorld(t)
	put := func(length string, data ...string) reply {
		headers := []string{"X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
		if length != "" {
			headers = append(headers, "X-Amz-Decoded-Content-Length", length)
		}
		return w.s3("PUT", "/"+SampleBucket+"/a", []byte(strings.Join(append(data, "5\r\nhello\r\n0\r\n\r\n"), "")), headers...)
	}
	put("").refused(t, 411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	put("6").refused(t, 400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	put("5").want(t, 200)
	chunk := func(size int) string { return fmt.Sprintf("%x\r\n%s\r\n", size, strings.Repeat("x", size)) }
	put("8197", chunk(8192)).want(t, 200)
	put("8196", chunk(8191)).refused(t, 403, "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes")
	w.s3("PUT", "/"+SampleBucket+"/a", nil, "X-Amz-Content-Sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD").want(t, 501)
}

func TestATrailerIsASumWhereOneMayBe(t *testing.T) {
	w := newWorld(t)
	const says = "The request contained trailing data that was not well-formed or did not conform to our published schema."
	w.s3("PUT", "/"+SampleBucket+"/a", []byte("5\r\nhello\r\n0\r\nx-amz-copy-source:/b/k\r\n\r\n"), "X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
		"X-Amz-Decoded-Content-Length", "5", "X-Amz-Trailer", "x-amz-copy-source").refused(t, 400, "MalformedTrailerError", says)
	// Where only the chunks are signed, a trailer would be nobody's.
	key := []byte("AWS4secret")
	for _, part := range []string{"20261122", "us-east-1", "s3", "aws4_request"} {
		key = testMAC(key, part)
	}
	text := "AWS4-HMAC-SHA256-PAYLOAD\n20261122T120000Z\n20261122/us-east-1/s3/aws4_request\n00\n" + testHash("") + "\n" + testHash("")
	last := "0;chunk-signature=" + hex.EncodeToString(testMAC(key, text)) + "\r\n"
	for trailer, want := range map[string]string{"": "", "x-amz-checksum-crc32:AAAAAA==\r\n": "MalformedTrailerError"} {
		r := httptest.NewRequest(http.MethodPut, "/b/k", nil)
		r.Header.Set("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
		r.Header.Set("X-Amz-Decoded-Content-Length", "0")
		if name, _, ok := strings.Cut(trailer, ":"); ok {
			r.Header.Set("X-Amz-Trailer", name)
		}
		c := w.box.receive(r, []byte(last+trailer+"\r\n"), noon)
		c.service = s3()
		got := ""
		if no := c.unchunk(authorization{date: "20261122", region: "us-east-1", service: "s3", signature: "00"}, "secret", noon); no != nil {
			got = no.Code
		}
		if got != want {
			t.Errorf("trailer %q: got %q, want %q", trailer, got, want)
		}
	}
}
