package app

import (
	"encoding/base64"
	"math/rand/v2"
	"testing"
)

// bzipText is nine load balancer lines compressed by bzip2, which Go can only read.
const bzipText = "QlpoOTFBWSZTWQCXDDIABfFfgEAQUAP/8gLAVBA/597AUANeAAAAGNNBoAZNAZGmhiaMMaaDQAyaAyNNDE0YY00GgBk0BkaaGJowxpoNADJoDI00MTRgUqgm" +
	"mhMEmmTKZpqabTUemk1jdG+NITjHKMY8YwjfGEcY1jCNkdIxpe0YR0jpG6N0eUYI2R5xpGVLKN8YRjHVVXYpbEcUe8dI1jjHdG8jOMKWcYJhj112a9eumtLC" +
	"xjCekfEZx9I+0eiP1HNHhG+NtL5RgjGPKO1GCM6WaY0s4xRxpcEzRzjCMU8EYDYjDvRhojDFGF/cYM5T8R3R2RlG6POOUZco8Y0Ruj6R0jcjzjbHKMqNyPGO" +
	"kdsbYz2RtR2RgjRH2j6xyjWO2NyP6jpGscMI/qOsaZRijhHWOMaRhHWNka74xjujfR1jjGnZGEZ/KNsboz5x1jdGqNeUYxlGsZRnG3SN8bI0jrGmUcI26xnl" +
	"HWlvjjGtLbwjOOEZx2R8owjZGnhHAjSNmGvHXfy6c9qPaPWP9j9x4R6R+Y8o8Y+0Yx+Y4Iyj1j5xlHJHvH4j+R/kecdkesc4xj8RsjZGKPvH1jxjfHlGEYxn" +
	"HOPCP3HpHfHxG2P1HCPvHZGUb45x6Ryj4juR2x945xzjrHSPmj3jvjGPWM46R4R6xnHlGcbIwj6R7R3RpH7jjHxG6N0dkb44R/Iyj2jOllGEfKNqPnGSPaMo" +
	"747Y4RnG9HgjSOkbo0j3RvjKMY3R/4u5IpwoSABLhhkA"

func bzipped(t *testing.T) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(bzipText)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// noise is n bytes without any sense.
func noise(n int) []byte {
	rng := rand.New(rand.NewPCG(3, 4))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}
