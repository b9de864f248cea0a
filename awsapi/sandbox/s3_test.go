package sandbox

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// s3 calls S3 as the administrator.
func (w *world) s3(method, path string, body []byte, headers ...string) reply {
	w.Helper()
	return w.as(w.admin()).s3(method, path, body, headers...)
}

func (c client) s3(method, path string, body []byte, headers ...string) reply {
	c.Helper()
	extra := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		extra.Set(headers[i], headers[i+1])
	}
	return c.send("s3", method, path, "", body, extra)
}

// presign signs the address of a GET; change is made after that.
func (c client) presign(service, path string, q url.Values, change func(url.Values)) *http.Request {
	c.Helper()
	req, err := http.NewRequestWithContext(c.Context(), http.MethodGet, c.url+path, nil)
	if err != nil {
		c.Fatal(err)
	}
	stamp := c.now.UTC().Format("20060102T150405Z")
	scope := stamp[:8] + "/us-east-1/" + service + "/aws4_request"
	q.Set("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
	q.Set("X-Amz-Credential", c.id+"/"+scope)
	q.Set("X-Amz-Date", stamp)
	q.Set("X-Amz-SignedHeaders", "host")
	if c.token != "" {
		q.Set("X-Amz-Security-Token", c.token)
	}
	query := strings.ReplaceAll(q.Encode(), "+", "%20")
	canonical := strings.Join([]string{"GET", path, query, "host:" + req.URL.Host + "\n", "host", "UNSIGNED-PAYLOAD"}, "\n")
	key := []byte("AWS4" + c.secret)
	for _, part := range []string{stamp[:8], "us-east-1", service, "aws4_request"} {
		key = testMAC(key, part)
	}
	q.Set("X-Amz-Signature", hex.EncodeToString(testMAC(key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+testHash(canonical))))
	if change != nil {
		change(q)
	}
	req.URL.RawQuery = q.Encode()
	return req
}

func TestObjectsComeAndGo(t *testing.T) {
	w := newWorld(t)
	w.s3("PUT", "/lab-bucket", nil).want(t, 200)
	w.s3("HEAD", "/lab-bucket", nil).want(t, 200)
	put := w.s3("PUT", "/lab-bucket/dir/a.txt", []byte("hello"), "Content-Type", "text/plain").want(t, 200)
	sum := md5.Sum([]byte("hello"))
	if got, want := put.header.Get("Etag"), `"`+hex.EncodeToString(sum[:])+`"`; got != want {
		t.Errorf("got ETag %s, want %s", got, want)
	}
	got := w.s3("GET", "/lab-bucket/dir/a.txt", nil).want(t, 200)
	if string(got.body) != "hello" || got.header.Get("Content-Type") != "text/plain" || got.header.Get("Content-Length") != "5" {
		t.Errorf("got %q %v", got.body, got.header)
	}
	if part := w.s3("GET", "/lab-bucket/dir/a.txt", nil, "Range", "bytes=1-3").want(t, 206); string(part.body) != "ell" || part.header.Get("Content-Range") != "bytes 1-3/5" {
		t.Errorf("got %q %v", part.body, part.header)
	}
	w.s3("GET", "/lab-bucket/none", nil).refused(t, 404, "NoSuchKey", "The specified key does not exist.")
	w.s3("PUT", "/lab-bucket/copy", nil, "X-Amz-Copy-Source", "/lab-bucket/dir/a.txt").want(t, 200)
	if copied := w.s3("GET", "/lab-bucket/copy", nil).want(t, 200); string(copied.body) != "hello" {
		t.Errorf("got %q, want the copy", copied.body)
	}
	w.s3("PUT", "/lab-bucket/sum", []byte("hello"), "Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==").want(t, 400)
	w.s3("DELETE", "/lab-bucket", nil).refused(t, 409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	w.s3("POST", "/lab-bucket?delete=", []byte(`<Delete><Object><Key>copy</Key></Object></Delete>`)).want(t, 200)
	w.s3("DELETE", "/lab-bucket/dir/a.txt", nil).want(t, 204)
	w.s3("DELETE", "/lab-bucket", nil).want(t, 204)
	w.s3("HEAD", "/lab-bucket", nil).want(t, 404)
	w.s3("PUT", "/Lab_Bucket", nil).refused(t, 400, "InvalidBucketName", "The specified bucket is not valid.")
	left, err := os.ReadDir(filepath.Join(w.box.cfg.Dir, "objects"))
	if err != nil || len(left) != 0 {
		t.Errorf("got %d files left (%v), want none", len(left), err)
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func TestObjectsAreListedByPrefixAndPage(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{"a", "b/1", "b/2", "c d", "e"} {
		w.s3("PUT", "/"+SampleBucket+"/"+url.PathEscape(key), nil).want(t, 200)
	}
	list := func(query string) (keys string, next string) {
		got := w.s3("GET", "/"+SampleBucket+"?list-type=2"+query, nil).want(t, 200)
		for _, part := range strings.Split(string(got.body), "<Contents><Key>")[1:] {
			key, _, _ := strings.Cut(part, "<")
			keys += key + " "
		}
		for _, part := range strings.Split(string(got.body), "<CommonPrefixes><Prefix>")[1:] {
			key, _, _ := strings.Cut(part, "<")
			keys += "[" + key + "] "
		}
		return keys, got.between("NextContinuationToken")
	}
	for query, want := range map[string]string{
		"": "a b/1 b/2 c d e ", "&prefix=b%2F": "b/1 b/2 ", "&delimiter=%2F": "a c d e [b/] ", "&encoding-type=url": "a b/1 b/2 c+d e ", "&start-after=c": "c d e ",
	} {
		if got, _ := list(query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	all, token := "", ""
	for range 4 {
		query := "&max-keys=2&delimiter=%2F"
		if token != "" {
			query += "&continuation-token=" + url.QueryEscape(token)
		}
		var keys string
		if keys, token = list(query); keys != "" {
			all += keys
		}
		if token == "" {
			break
		}
	}
	if want := "a [b/] c d e "; all != want {
		t.Errorf("got pages %q, want %q", all, want)
	}
}

func TestAnObjectMayComeInParts(t *testing.T) {
	w := newWorld(t)
	path := "/" + SampleBucket + "/big"
	upload := w.s3("POST", path+"?uploads=", nil).want(t, 200).between("UploadId")
	first := strings.Repeat("x", 5<<20)
	etag := func(n int, data string) string {
		return w.s3("PUT", fmt.Sprintf("%s?partNumber=%d&uploadId=%s", path, n, upload), []byte(data)).want(t, 200).header.Get("Etag")
	}
	one, two := etag(1, first), etag(2, "end")
	complete := func(first, second string) reply {
		body := fmt.Sprintf("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>%s</ETag></Part><Part><PartNumber>2</PartNumber><ETag>%s</ETag></Part></CompleteMultipartUpload>", first, second)
		return w.s3("POST", path+"?uploadId="+upload, []byte(body))
	}
	if got := complete(two, one); got.code != "InvalidPart" {
		t.Errorf("got %d %s, want InvalidPart", got.status, got.code)
	}
	if got := complete(one, two).want(t, 200).between("ETag"); !strings.HasSuffix(got, `-2&#34;`) {
		t.Errorf("got ETag %s, want one of two parts", got)
	}
	if got := w.s3("GET", path, nil).want(t, 200); string(got.body) != first+"end" {
		t.Errorf("got %d bytes, want the parts joined", len(got.body))
	}
	complete(one, two).want(t, 404)
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
func TestABucketPolicyLetsSomebodyIn(t *testing.T) {
	l := newLab(t)
	ann := l.user("iam:GetUser")
	l.s3("PUT", "/"+SampleBucket+"/a", []byte("hello")).want(t, 200)
	get := func() reply { return ann.s3("GET", "/"+SampleBucket+"/a", nil) }
	put := func(effect, principal string) {
		l.s3("PUT", "/"+SampleBucket+"?policy=", []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"`+effect+`","Principal":{"AWS":"`+principal+`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::`+SampleBucket+`/*"}]}`)).want(t, 204)
	}
	get().want(t, 403)
	put("Allow", "arn:aws:iam::000000000000:user/ann")
	get().want(t, 200)
	put("Deny", "arn:aws:iam::000000000000:user/ann")
	get().refused(t, 403, "AccessDenied", "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::"+SampleBucket+"/a with an explicit deny in a resource-based policy")
	l.s3("DELETE", "/"+SampleBucket+"?policy=", nil).want(t, 204)
	get().want(t, 403)
	l.s3("PUT", "/"+SampleBucket+"?policy=", []byte(mayListBuckets)).refused(t, 400, "MalformedPolicy", "Missing required field Principal")
}
