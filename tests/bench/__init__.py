"""Complete logins, measured: the RV in a process of its own, DigiD in another, and a lean driver that plays the portal.

parties    starts the processes, and knows their CPU and memory
messages   signed messages from templates in canonical form: cheap for the driver, so that it is not what is measured
logins     one complete DigiD login over HTTP, each step timed
clusters   a configuration of any size; `loading` loads it, `scale` compares the small with the large
phases     sequentially and many at a time, for a bounded time
"""
