package sandbox

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stored is one object of S3; its bytes are a file of its own.
type stored struct {
	Key      string            `json:"key"`
	Blob     string            `json:"blob"` // name of the file
	Size     int               `json:"size"` // bytes
	ETag     string            `json:"etag"` // with quotation marks
	Headers  map[string]string `json:"headers,omitempty"`
	Modified time.Time         `json:"modified"`
}

// kept headers come back with the object.
func keepsHeader(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "x-amz-meta-") || isSum(name) ||
		slices.Contains([]string{"content-type", "cache-control", "content-disposition", "content-encoding", "content-language"}, name)
}

// keepBlob writes the bytes of an object before anything points at them.
func (c *call) keepBlob(data []byte) (string, *refusal) {
	name := c.uuid()
	err := c.cfg.Disk.Mkdir(filepath.Join(c.cfg.Dir, "objects"), 0o700)
	if err == nil {
		err = c.cfg.Disk.Write(c.blobPath(name), data, 0o600)
	}
	if err != nil {
		return "", refuse(http.StatusInternalServerError, "InternalError", "keep object: %v", err)
	}
	return name, nil
}

func etagOf(data []byte) string {
	sum := md5.Sum(data)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// put lays an object into the bucket in the place of one of the same key.
func (c *call) put(b *bucket, o *stored) {
	at, found := slices.BinarySearchFunc(b.Objects, o.Key, func(o *stored, key string) int { return strings.Compare(o.Key, key) })
	if found {
		c.gone = append(c.gone, b.Objects[at].Blob)
		b.Objects[at] = o
		return
	}
	b.Objects = slices.Insert(b.Objects, at, o)
}

func (c *call) headersToKeep() map[string]string {
	out := map[string]string{}
	for name := range c.request.Header {
		if keepsHeader(name) {
			value := c.request.Header.Get(name)
			if strings.HasPrefix(strings.ToLower(name), "x-amz-meta-") {
				name = strings.ToLower(name) // as it was sent; Go's server writes it otherwise
			}
			out[name] = value
		}
	}
	return out
}

func putObject(c *call) (any, *refusal) {
	b, no := c.wantedBucket()
	if no != nil {
		return nil, no
	}
	if from := c.request.Header.Get("X-Amz-Copy-Source"); from != "" {
		return copyObject(c, b, from)
	}
	if no := c.checkSums(); no != nil {
		return nil, no
	}
	blob, no := c.keepBlob(c.body)
	if no != nil {
		return nil, no
	}
	o := &stored{Key: c.labels["key"], Blob: blob, Size: len(c.body), ETag: etagOf(c.body), Headers: c.headersToKeep(), Modified: c.now}
	c.put(b, o)
	return c.kept(o.ETag), nil
}

type copyAnswer struct {
	XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CopyObjectResult"`
	Modified string   `xml:"LastModified"`
	ETag     string   `xml:"ETag"`
}

func copyObject(c *call, to *bucket, source string) (any, *refusal) {
	path, err := url.PathUnescape(strings.TrimPrefix(source, "/"))
	name, key, ok := strings.Cut(path, "/")
	if err != nil || !ok {
		return nil, refuse(http.StatusBadRequest, "InvalidArgument", "Invalid copy source object key")
	}
	if no := c.allow("s3:GetObject", "arn:aws:s3:::"+path, nil); no != nil {
		return nil, no
	}
	from, _ := c.bucketNamed(name)
	if from == nil {
		return nil, refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	}
	o := from.object(key)
	if o == nil {
		return nil, noSuchKey()
	}
	data, err := os.ReadFile(c.blobPath(o.Blob))
	if err != nil {
		return nil, c.complain(broken)
	}
	blob, no := c.keepBlob(data)
	if no != nil {
		return nil, no
	}
	made := *o
	made.Key, made.Blob, made.Modified = c.labels["key"], blob, c.now
	if c.request.Header.Get("X-Amz-Metadata-Directive") == "REPLACE" {
		made.Headers = c.headersToKeep()
	}
	c.put(to, &made)
	return copyAnswer{Modified: s3Time(c.now), ETag: made.ETag}, nil
}

func (b *bucket) object(key string) *stored {
	return find(b.Objects, func(o *stored) bool { return o.Key == key })
}

func noSuchKey() *refusal {
	return refuse(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
}

// getObject answers GET and HEAD. Without s3:ListBucket S3 does not say that an
// object is missing but that the caller may not see it.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func getObject(c *call) (any, *refusal) {
	b, no := c.wantedBucket()
	if no != nil {
		return nil, no
	}
	o := b.object(c.labels["key"])
	if o == nil {
		if no := c.allow("s3:ListBucket", bucketARN(c), nil); no != nil {
			return nil, no
		}
		return nil, noSuchKey()
	}
	data, err := os.ReadFile(c.blobPath(o.Blob))
	if err != nil {
		return nil, c.complain(broken)
	}
	out := plainAnswer{header: http.Header{
		"Etag": {o.ETag}, "Last-Modified": {o.Modified.UTC().Format(http.TimeFormat)}, "Accept-Ranges": {"bytes"},
		"Content-Type": {cmp.Or(o.Headers["Content-Type"], "binary/octet-stream")},
	}, body: data}
	sums := c.request.Header.Get("X-Amz-Checksum-Mode") == "ENABLED"
	for name, value := range o.Headers {
		if sums || !strings.HasPrefix(name, "X-Amz-Checksum-") {
			out.header[name] = []string{value}
		}
	}
	return ranged(out, c.request.Header.Get("Range"))
}

// ranged cuts bytes=FROM-TO out of an answer.
func ranged(out plainAnswer, asked string) (any, *refusal) {
	out.header.Set("Content-Length", strconv.Itoa(len(out.body)))
	spec, ok := strings.CutPrefix(asked, "bytes=")
	if !ok {
		return out, nil
	}
	whole := len(out.body)
	first, last, _ := strings.Cut(spec, "-")
	from, to := number(first, 0), min(number(last, whole-1), whole-1)
	if first == "" {
		from, to = max(0, whole-number(last, 0)), whole-1
	}
	if from > to {
		return nil, refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
	}
	out.status, out.body = http.StatusPartialContent, out.body[from:to+1]
	out.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, whole))
	out.header.Set("Content-Length", strconv.Itoa(len(out.body)))
	for name := range out.header {
		if strings.HasPrefix(name, "X-Amz-Checksum-") { // it is of the whole
			out.header.Del(name)
		}
	}
	return out, nil
}

// remove takes an object out of the bucket; one that is not there is no error.
func (c *call) remove(b *bucket, key string) {
	if o := b.object(key); o != nil {
		b.Objects = without(b.Objects, o)
		c.gone = append(c.gone, o.Blob)
	}
}

func deleteObject(c *call) (any, *refusal) {
	b, no := c.wantedBucket()
	if no != nil {
		return nil, no
	}
	c.remove(b, c.labels["key"])
	return plainAnswer{}, nil
}
