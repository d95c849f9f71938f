// What `benches/channels.js` and `benches/channel-programs.js` measure, in Go: prints nanoseconds per operation.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

func roundTrip(n int) {
	a, b := make(chan int), make(chan int)
	go func() {
		for v := range a {
			b <- v
		}
	}()
	for i := 0; i < n; i++ {
		a <- i
		<-b
	}
	close(a)
}

func buffered(n int) {
	c := make(chan int, 100)
	go func() {
		for i := 0; i < n; i++ {
			c <- i
		}
		close(c)
	}()
	for range c {
	}
}

func selectReady(n int) {
	c := [4]chan int{}
	for i := range c {
		c[i] = make(chan int, 1)
		c[i] <- i
	}
	for i := 0; i < n; i++ {
		select {
		case v := <-c[0]:
			c[0] <- v
		case v := <-c[1]:
			c[1] <- v
		case v := <-c[2]:
			c[2] <- v
		case v := <-c[3]:
			c[3] <- v
		}
	}
}

func sieve(n int) {
	first := make(chan int)
	go func() {
		for i := 2; ; i++ {
			first <- i
		}
	}()
	in := first
	for i := 0; i < n; i++ {
		prime := <-in
		out := make(chan int)
		go func(in, out chan int, prime int) {
			for {
				if i := <-in; i%prime != 0 {
					out <- i
				}
			}
		}(in, out, prime)
		in = out
	}
}

func skynet(to chan int, number, size int) {
	if size == 1 {
		to <- number
		return
	}
	from := make(chan int)
	for i := 0; i < 10; i++ {
		go skynet(from, number+i*(size/10), size/10)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-from
	}
	to <- sum
}

func main() {
	n, _ := strconv.Atoi(os.Args[2])
	begin := time.Now()
	switch os.Args[1] {
	case "roundTrip":
		roundTrip(n)
	case "buffered":
		buffered(n)
	case "selectReady":
		selectReady(n)
	case "spawn":
		for i := 0; i < n; i++ {
			done := make(chan int)
			go func(x int) { done <- x + 1 }(i)
			<-done
		}
	case "sieve":
		sieve(n)
		n = 1
	case "skynet":
		to := make(chan int)
		go skynet(to, 0, n)
		<-to
		n = 1
	}
	fmt.Println(float64(time.Since(begin).Nanoseconds()) / float64(n))
}
