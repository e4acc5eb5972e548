from tests.web.conftest import *
def test_x(house, visit):
    c=visit("bob")
    for p in ("/research","/approvals","/documents",f"/research/{house.planned}",f"/research/{house.planned}/plan",f"/research/{house.drafted}",f"/research/{house.drafted}/report",f"/research/{house.published}/report",f"/research/{house.published}/sources",f"/research/{house.published}/report.pdf"):
        r=c.get(p); print(p,r.status_code,dict(r.headers) if p=="/research" else r.headers.get("Cache-Control"), len(r.content))
    print({k:dict(v) for k,v in c.cookies.items()})
    r=c.post("/research",{"question":"a\0b","scope":"all","depth":"deep","source_cap":"7","mode":"mock"}); print(r.status_code)
    i=r.content.decode(); j=i.find("error-summary"); print(i[j-50:j+600])
    r=c.post(f"/research/{house.drafted}/decide",{"decision":"accept","approval":"x"*50}); print(r.status_code, r.content.decode()[-900:])
    c=visit("vera"); r=c.get("/research"); print("ask" in r.content.decode(), 'id="ask"' in r.content.decode())
    for n in house.planned,house.drafted,house.published: r=c.get(f"/research/{n}"); print(r.status_code,"Cancel and" in r.content.decode(), 'name="decision"' in r.content.decode(), "Accept" in r.content.decode())
    r=c.get(f"/research/{house.planned}/plan"); print(r.status_code, 'name="decision"' in r.content.decode())
    c=visit("paula"); r=c.get("/research"); print(r.status_code); 
    c=visit(); r=c.get("/research?x=1"); print(r.status_code,r["Location"])
    c=visit("charlie"); r=c.get("/research"); print(r.status_code)
    c=visit("bob"); r=c.get("/research?page=%00"); print(r.status_code); r=c.get("/research?question=%00%ED%A0%80x"); print(r.status_code)
    r=c.get("/hand-off?ticket=%00"); print(r.status_code)
    r=c.post("/leave"); print(r.status_code, r["Location"])
    assert 0
