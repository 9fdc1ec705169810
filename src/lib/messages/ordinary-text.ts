/** What logs say all day: the index learns from it which letters to avoid when it chooses where to look for a phrase. */
export const ORDINARY_TEXT = `
10.51.55.217 - - [22/Nov/2026:03:01:12 +0000] "GET /api/orders/6333?page=2&limit=50 HTTP/1.1" 200 1194 "-" "okhttp/4.12.0"
192.168.44.10 - user [03/Jan/2025:17:48:59 +0100] "POST /v2/cart/items HTTP/2.0" 201 332 "https://shop.example.com/checkout" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
{"level":"info","ts":"2026-11-22T08:15:30.123Z","caller":"orders/handler.go:77","msg":"request completed","method":"GET","path":"/healthz","status":200,"duration_ms":12,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","user":"c-10432"}
{"timestamp":"2026-11-22T08:15:31.456+00:00","logger":"com.example.service.PaymentService","thread":"http-nio-8080-exec-6","severity":"WARNING","message":"response took longer than expected","client":"mobile","version":"2.14.9"}
I1122 03:00:14.745765       1 httplog.go:132] "HTTP" verb="GET" URI="/readyz" latency="7.5ms" userAgent="kube-probe/1.29" audit-ID="" srcIP="10.244.1.17:35139" resp=200
W1122 03:01:01.829962       1 cacher.go:165] Terminating all watchers from cacher certificatesigningrequests.certificates.k8s.io
E1122 03:01:02.829962       1 controller.go:615] error syncing "default/web": failed to update status: the object has been modified; please apply your changes to the latest version and try again
2026-11-22 03:02:11.455 [info] <0.278.0> accepting AMQP connection <0.6278.0> (10.91.243.61:39616 -> 10.8.2.2:5672)
2026-11-22 03:02:12.534  INFO 1 --- [nio-8080-exec-2] c.e.orders.OrderController               : order af65b9a4 accepted in 63 ms
2026-11-22 03:02:13.008 ERROR 42 --- [scheduling-1] o.s.s.s.TaskUtils$LoggingErrorHandler    : Unexpected error occurred in scheduled task
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:883)
	at java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1136)
Nov 22 03:12:44 web1 systemd[1]: Started Session 4123 of user deploy.
Nov 22 03:12:45 web1 kernel: [12345.678901] audit: type=1400 apparmor="ALLOWED" operation="open" profile="/usr/sbin/named" pid=1123 comm="isc-worker"
time="2026-11-22T01:24:13Z" level=warning msg="connection to upstream server closed, retrying" component=proxy namespace=team-7 pod=web-5d8f7c9b44-xk2lp container=app node=worker-3 attempt=2
2026-11-22 03:02:14.100 UTC [6507] LOG:  duration: 104.993 ms  statement: SELECT id, state, total FROM orders WHERE customer = $1 AND created > now() - interval '1 day' ORDER BY created DESC LIMIT 100
[2026-11-22 03:00:19,164: INFO/MainProcess] Task shop.tasks.mail[8cf5ff3a-1c2d-4e5f-9a8b-7c6d5e4f3a2b] received
[2026-11-22T03:00:20.001Z] "GET /orders HTTP/2" 503 - "-" 0 81 15 14 "10.1.2.3" "curl/8.5.0" "9f1c02d4-44a0-4b6e-8e11-0c5a2f7d9b10" "orders.prod" "10.244.3.9:8080" outbound|8080||orders.prod.svc.cluster.local
1795310409: New client connected from 10.3.4.5:51234 as sensor-113 (p2, c1, k60, u'device'). 1795310410: Received PUBLISH from sensor-113 (d0, q1, r0, m22, 'plant/line1/temp', ... (9 bytes))
DEBUG session loaded; cache hit for key user:10432:profile; processed 250 messages from topic payments partition 3 offset 88123; error rate 0.0%; checking configuration, starting worker, stopped server, timeout 30s
`;
