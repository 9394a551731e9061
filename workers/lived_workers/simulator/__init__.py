"""A stand-in for the Gemini Live API: the real SDK connects to it over TLS, it hears, speaks, and misbehaves on order.

The pure core decides everything, takes the time as a parameter and plans what is to be done on an agenda:

    normalise, client_messages   what a client said
    frames                       what a server says
    profiles, setup_rules        what a model takes
    session_options, toolbox     what a setup asks for
    vad, listening               when the user speaks
    timeline                     a reply laid out in time
    phases, session              the connection
    conversation, answering      the user's and the model's side
    calling, call_book           functions: when they are called, what an answer is worth
    call_parts, call_faults      what is said around a call, how calls go wrong
    limits, lifetimes            what ends by itself
    usage                        what the context costs
    scenario, script             what a test scripts
    faults                       what can go wrong, by name
    frame_faults, content_faults bad frames, odd content
    misconduct                   how it goes wrong
    resumption                   sessions by handle
    marks                        numbered samples

What touches the outside: `speech` (recordings, programs), `journal` (files), `connection` and `server` (sockets),
`control` (the Unix socket), `app` (puts it together), `cli`.
"""
